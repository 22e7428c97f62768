package heapsnap

import (
	"bytes"
	"regexp"
	"strconv"
)

// knownNames are the strings that the analysis looks for, by their index.
type knownNames struct {
	index      map[string]uint32
	ephemerons map[uint32]ephemeron // by the name of the edge
}

// ephemeron is an entry of a WeakMap: V8 shows its value as held twice, by the
// key and by the map's table.
type ephemeron struct {
	table uint32 // id of the table's node
	pair  uint32 // the same for both edges
}

// absent is the index of a name that the snapshot has no string for.
const absent = 1<<32 - 1

const longestName = 32

var wanted = func() map[string]bool {
	all := map[string]bool{}
	for _, name := range []string{
		"Object", "Array", "__proto__", "elements", "sloppy_function_map", "system / NativeContext",
		"(map descriptors)", "system / ExternalStringData", "system / JSArrayBufferData", "(Document DOM trees)",
		"shared", "script", "script_or_debug_info", "context", "scope_info", "previous", "first", "second",
		"table", "name", "name_or_scope_info", "native_context", "map", "code", "feedback_cell", "prototype", "system / Context",
		"(Handle scope)", "(Stack roots)",
	} {
		all[name] = true
	}
	return all
}()

// entry matches the name that V8 gives to an edge of a WeakMap's entry.
var entry = regexp.MustCompile(`^\d+( / part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table @(\d+)\))$`)

func findNames(t *stringTable) knownNames {
	k := knownNames{index: map[string]uint32{}, ephemerons: map[uint32]ephemeron{}}
	var lengths [longestName + 1]bool
	for name := range wanted {
		lengths[len(name)] = true
	}
	pairs := map[string]uint32{}
	for i := range uint32(t.len()) {
		raw := t.raw(i)
		if len(raw) <= longestName {
			if lengths[len(raw)] && wanted[string(raw)] {
				if _, twice := k.index[string(raw)]; !twice {
					k.index[string(raw)] = i
				}
			}
			continue
		}
		if raw[0] >= '0' && raw[0] <= '9' && raw[len(raw)-1] == ')' && bytes.Contains(raw, []byte(" / part of key (")) {
			k.addEphemeron(t, i, pairs)
		}
	}
	return k
}

func (k *knownNames) addEphemeron(t *stringTable, i uint32, pairs map[string]uint32) {
	m := entry.FindStringSubmatch(t.get(i))
	if m == nil {
		return
	}
	table, err := strconv.ParseUint(m[2], 10, 32)
	if err != nil {
		return // no node has such an id
	}
	pair, known := pairs[m[1]]
	if !known {
		pair = uint32(len(pairs))
		pairs[m[1]] = pair
	}
	k.ephemerons[i] = ephemeron{table: uint32(table), pair: pair}
}

// of is the index of a name among the snapshot's strings, or absent.
func (k *knownNames) of(name string) uint32 {
	if i, ok := k.index[name]; ok {
		return i
	}
	return absent
}
