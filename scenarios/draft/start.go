package draft

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// start is how package.json starts the app.
type start struct {
	script  string // of package.json: its name; "" for none
	text    string // what the script is
	words   []string
	env     map[string]string
	tool    string // the program that is started in the end
	entry   string // the file that it is given; "" for none
	changed bool   // words are not what the script runs
	notes   []string
}

// scripts are looked for in this order: what production runs before what
// developers do.
var scripts = []string{"start:prod", "start:production", "start", "serve", "start:dev", "dev"}

// findStart follows the scripts of package.json to the program that serves.
func (m *manifest) findStart() (start, bool) {
	for _, name := range scripts {
		text := strings.TrimSpace(m.Scripts[name])
		if text == "" {
			continue
		}
		s := start{script: name, text: text, env: map[string]string{}}
		if s.follow(m, text, 0) {
			return s, true
		}
	}
	return start{}, false
}

// assignment is NAME=value before a command.
var assignment = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)=(.*)$`)

// follow reads a command as far as it only prepares another.
func (s *start) follow(m *manifest, text string, depth int) bool {
	commands := strings.Split(text, "&&")
	if before := commands[:len(commands)-1]; len(before) > 0 {
		s.changed = true
		s.notes = append(s.notes, "Before it, the script runs: "+strings.TrimSpace(strings.Join(before, "&&")))
	}
	words, ok := shellWords(commands[len(commands)-1])
	if !ok || depth > 5 {
		s.tool = "shell"
		return true
	}
	for len(words) > 0 {
		rest, script := s.peel(words)
		if script != "" {
			if m.Scripts[script] == "" {
				return false
			}
			return s.follow(m, m.Scripts[script], depth+1)
		}
		if len(rest) == len(words) {
			break
		}
		words = rest
	}
	if len(words) == 0 {
		return false
	}
	s.words = words
	s.end(m.dir)
	return true
}

// peel takes off one word that only prepares the command behind it. script is
// that of package.json which is run instead.
func (s *start) peel(words []string) (rest []string, script string) {
	if a := assignment.FindStringSubmatch(words[0]); a != nil {
		if a[1] != "PORT" {
			s.env[a[1]] = a[2]
		}
		return words[1:], ""
	}
	switch words[0] {
	case "cross-env", "cross-env-shell", "env", "exec", "npx", "time":
		return words[1:], ""
	case "dotenv", "dotenvx", "env-cmd", "dotenv-cli":
		s.changed = true
		s.notes = append(s.notes, "Its script has "+words[0]+" read variables from a file: those that the app needs belong in env.")
		return behindFlags(words[1:]), ""
	case "npm", "pnpm", "yarn":
		return runScript(words)
	}
	return words, ""
}

// behindFlags is the command behind the options of a program that starts it.
func behindFlags(words []string) []string {
	if i := slices.Index(words, "--"); i >= 0 {
		return words[i+1:]
	}
	for len(words) > 1 && (strings.HasPrefix(words[0], "-") || words[0] == "run") {
		takes := words[0] == "-e" || words[0] == "-f" || words[0] == "-c"
		words = words[1:]
		if takes && len(words) > 1 {
			words = words[1:]
		}
	}
	return words
}

// runScript reads npm run NAME, yarn NAME and pnpm exec PROGRAM.
func runScript(words []string) (rest []string, script string) {
	if len(words) < 2 {
		return nil, ""
	}
	switch words[1] {
	case "run", "run-script":
		if len(words) > 2 {
			return words, words[2]
		}
	case "exec", "dlx":
		return behindFlags(words[2:]), ""
	}
	return words, words[1]
}

// watchers start a program again when a file changes, which would spoil a
// measurement.
var watchers = []string{"nodemon", "node-dev", "supervisor", "forever", "pm2", "pm2-runtime"}

var typescriptTools = []string{"tsx", "ts-node", "ts-node-esm", "ts-node-dev", "tsnd", "swc-node", "esno", "jiti"}

// end works out which file the program runs, without what watches files.
func (s *start) end(dir string) {
	s.tool = filepath.Base(s.words[0])
	switch {
	case slices.Contains(watchers, s.tool):
		s.unwatch(dir)
	case s.tool == "bun" || s.tool == "deno":
		s.notes = append(s.notes, "Its script runs "+s.tool+", which is not Node.js: leakcheck measures Node.js, so that this starts the same file with it.")
		s.runFile()
	case slices.Contains(typescriptTools, s.tool):
		if len(s.words) > 1 && s.words[1] == "watch" || s.tool == "ts-node-dev" || s.tool == "tsnd" {
			s.runFile()
			return
		}
		s.entry = s.file(s.words[1:])
		s.words = append([]string{"npx"}, s.words...)
	case s.tool == "node":
		kept := slices.DeleteFunc(slices.Clone(s.words), func(w string) bool {
			return strings.HasPrefix(w, "--watch") || strings.HasPrefix(w, "--inspect")
		})
		s.changed = s.changed || len(kept) < len(s.words)
		s.words, s.entry = kept, s.file(kept[1:])
	case s.tool == "nest":
		s.entry = "src/main.ts"
	case s.tool == "fastify":
		s.entry = s.file(s.words[1:])
	}
}

// unwatch starts what nodemon, pm2 and the like start.
func (s *start) unwatch(dir string) {
	if script := ecosystem(dir, s.file(s.words[1:])); script != "" {
		s.words = []string{s.words[0], script}
	}
	s.notes = append(s.notes, "Without "+s.tool+", which would start it again when a file changes or it dies.")
	for i, w := range s.words[:len(s.words)-1] {
		if w == "--exec" || w == "-x" {
			if inner := strings.Fields(s.words[i+1]); len(inner) > 0 {
				file := s.file(s.words[i+2:])
				s.words, s.changed = inner, true
				if file != "" {
					s.words = append(s.words, file)
				}
				s.end(dir)
				return
			}
		}
	}
	s.runFile()
}

// ecosystem is the script that a configuration of pm2 starts first; "" for a
// file that is none.
func ecosystem(dir, file string) string {
	if !strings.Contains(file, "ecosystem") && !strings.HasSuffix(file, ".config.js") && !strings.HasSuffix(file, ".config.cjs") && !strings.HasSuffix(file, ".json") {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return ""
	}
	m := ecosystemScript.FindSubmatch(text)
	if m == nil {
		return ""
	}
	return string(m[1])
}

var ecosystemScript = regexp.MustCompile(`["']?\bscript["']?\s*:\s*["']([^"']+)["']`)

// runFile starts the file among the words with node, or with tsx.
func (s *start) runFile() {
	s.entry, s.changed = s.file(s.words[1:]), true
	s.tool, s.words = "node", []string{"node", s.entry}
	if strings.HasSuffix(s.entry, "ts") || strings.HasSuffix(s.entry, "tsx") {
		s.tool, s.words = "tsx", []string{"npx", "tsx", s.entry}
	}
}

// valued are options of node and its wrappers whose value is the next word.
var valued = []string{"-r", "--require", "--import", "--loader", "--env-file", "-w", "--watch", "-e", "--ext", "-P", "--project", "-i", "--name", "-n", "-l", "-p", "-a", "--experimental-loader"}

// file is the first word that is no option.
func (s *start) file(words []string) string {
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case slices.Contains(valued, w):
			i++
		case strings.HasPrefix(w, "-"), w == "start", w == "watch", w == "run":
		default:
			return strings.TrimPrefix(w, "./")
		}
	}
	return ""
}

// shellWords splits a command; false where only a shell can run it.
func shellWords(text string) ([]string, bool) {
	var words []string
	var word strings.Builder
	quote, begun := rune(0), false
	for _, r := range strings.TrimSpace(text) {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ' || r == '\t':
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		case strings.ContainsRune("|;<>$`*\\&", r):
			return nil, false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words, quote == 0
}

// command is what the scenario starts: node itself where it can, because it is
// measured then without npm between.
func (s *start) command() []string {
	switch {
	case s.tool == "node", s.changed && s.tool != "shell" && len(s.words) > 0:
		if s.tool != "node" && s.words[0] != "npx" {
			return append([]string{"npx"}, s.words...)
		}
		return s.words
	case s.script == "start":
		return []string{"npm", "start"}
	}
	return []string{"npm", "run", s.script}
}

// builds are folders that a compiler writes into.
var builds = []string{"dist/", "build/", "lib/", "out/", "output/", ".output/"}

// entries are files that apps start with, where nothing says which.
var entries = []string{"server", "app", "index", "main", "src/main", "src/server", "src/index", "src/app", "bin/www"}

// sourceOf is the source of the file that is started, which a compiler may have
// written; "" for none.
func sourceOf(dir, entry string) string {
	if strings.HasPrefix(entry, ".output/") {
		return "" // of Nitro, whose routes are folders
	}
	candidates := append(compiledFrom(entry), entry)
	for _, ext := range []string{".js", ".ts", ".mjs", ".cjs"} {
		candidates = append(candidates, entry+ext, filepath.Join(entry, "index"+ext))
	}
	for _, e := range entries {
		for _, ext := range []string{".ts", ".js", ".mts", ".mjs", ".cjs", ""} {
			candidates = append(candidates, e+ext)
		}
	}
	for _, c := range candidates {
		if info, err := os.Stat(filepath.Join(dir, c)); c != "" && err == nil && info.Mode().IsRegular() {
			return c
		}
	}
	return ""
}

// compiledFrom are the files that a file may come from which is in a folder that compilers
// write into.
func compiledFrom(entry string) []string {
	var candidates []string
	for _, b := range builds {
		rest, ok := strings.CutPrefix(strings.TrimPrefix(entry, "./"), b)
		if !ok {
			continue
		}
		rest = strings.TrimPrefix(rest, "src/")
		stem := strings.TrimSuffix(rest, filepath.Ext(rest))
		for _, home := range []string{"src/", "", "app/", "server/"} {
			for _, ext := range []string{".ts", ".mts", ".tsx", ".js", ".mjs"} {
				candidates = append(candidates, home+stem+ext)
			}
		}
	}
	return candidates
}

var flagPort = regexp.MustCompile(`(?:^|\s)(?:-p|--port)[ =]([0-9]{2,5})\b|\bPORT=([0-9]{2,5})\b`)

// portOf is the port that the script names; 0 for none.
func (s *start) portOf() int {
	m := flagPort.FindStringSubmatch(s.text)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1] + m[2])
	if err != nil || n > 65535 {
		return 0
	}
	return n
}
