package evidence

// Idiom is what a line does to keep or open something, or to make it. Of a
// container that was watched it is the method that was called: "set", "push".
type Idiom string

// The idioms that are read from a line's text.
const (
	IdiomEnvironment Idiom = "environment" // assigns to process.env
	IdiomListen      Idiom = "listen"
	IdiomTimer       Idiom = "timer"
	IdiomPut         Idiom = "put"
	IdiomIndex       Idiom = "index"
	IdiomAssign      Idiom = "assign"
	IdiomRace        Idiom = "race"   // waits for the first of several promises
	IdiomSignal      Idiom = "signal" // joins abort signals
	IdiomSymbol      Idiom = "symbol" // registers a symbol
	IdiomOpen        Idiom = "open"
	IdiomNew         Idiom = "new" // only makes something, as the next two do
	IdiomLiteral     Idiom = "literal"
	IdiomClosure     Idiom = "closure"
	IdiomCall        Idiom = "call"     // calls a function of Node's that allocates
	IdiomRegister    Idiom = "register" // of a FinalizationRegistry
)
