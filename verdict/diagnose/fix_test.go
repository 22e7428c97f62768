package diagnose_test

import (
	"testing"

	"github.com/leakcheck/leakcheck/sampler/evidence"
	"github.com/leakcheck/leakcheck/verdict/diagnose"
)

// The advice is in the names of the line, chosen by the kind of container.
func TestFixInTheAppsNames(t *testing.T) {
	for _, tt := range []struct {
		kind       evidence.Kind
		name, line string
		want       string
	}{
		{evidence.Map, "carts", "  carts.set(cart.id, { ...cart, at: now() });", "carts.delete(cart.id) when it is done with, or a limit: if (carts.size > 1000) carts.delete(carts.keys().next().value);"},
		{evidence.Map, "this.byKey", "this.byKey.set(key(req, ')'), value)", "this.byKey.delete(key(req, ')')) when it is done with, or a limit: if (this.byKey.size > 1000) this.byKey.delete(this.byKey.keys().next().value);"},
		{evidence.Set, "seen", "seen.add(id);", "seen.delete(id) when it is done with, or a limit: if (seen.size > 1000) seen.delete(seen.values().next().value);"},
		{evidence.Array, "log", "log.push(entry);", "log.push(entry); if (log.length > 1000) log.shift();"},
		{evidence.Emitter, "bus", "bus.on('change', onChange);", "when the request ends: bus.off('change', onChange);"},
		{evidence.Emitter, "bus", "bus.on('change', () => send(res));", "const listener = () => send(res); bus.on('change', listener); and when the request ends: bus.off('change', listener);"},
		{evidence.Target, "signal", "signal.addEventListener('abort', stop);", "when the request ends: signal.removeEventListener('abort', stop);"},
		{evidence.Object, "results", "results[rows[i].id] = row;", "delete results[rows[i].id] when it is done with, or a Map with a limit"},
		// What goes on on the next line is told in general.
		{evidence.Emitter, "bus", "bus.on('change', (event) => {", diagnose.Listeners.Advice().After},
		{evidence.Map, "carts", "carts", diagnose.Collection.Advice().After},
	} {
		store := keep(tt.kind, 1000, frame("open", 5))
		store.Receiver = tt.name
		e := evidence.Evidence{
			Watch:    evidence.Watch{Load: thousand, Stores: []evidence.Store{store}},
			Excerpts: []evidence.Excerpt{{File: "server.js", Line: 5, First: 4, Lines: []string{"", tt.line, ""}}},
		}
		s := diagnose.Diagnose(nil, []evidence.Evidence{e}).Findings[0].Suspects[0]
		if s.Fix == nil || s.Fix.After != tt.want {
			t.Errorf("%s: got %+v, want %s", tt.line, s.Fix, tt.want)
		}
		if s.Excerpt == nil || s.Excerpt.Text() != tt.line {
			t.Errorf("%s: got the code %+v", tt.line, s.Excerpt)
		}
	}
}
