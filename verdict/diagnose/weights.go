package diagnose

// The weights of the evidence. A suspect's score is the sum of what supports it: the
// share of what survives that is allocated there is the measure of all others.
const (
	// counted is for one thing kept by each request, and in proportion for fewer:
	// what comes with the requests is the leak's pace, whatever its size is.
	counted = 0.5
	// watched is for what was seen to be put into something that lives on. It counts
	// for more than what is left open, which may be pooled, and that for more than
	// what snapshots show, whose line is found by its text.
	watched  = 0.3
	leftOpen = 0.2
	shown    = 0.15
	// holding is for all of the memory that grows between snapshots to hang on a
	// container: less than its share of the survivors, as what the container
	// holds may be held elsewhere too.
	holding = 0.5
	// countedByRun is for handles that the run counted itself, in all of its blocks:
	// nothing that one block shows comes before it.
	countedByRun = 1.0
	// environmentAlone is for an assignment to process.env where native memory is not
	// seen to leak: whatever grows in the heap comes first. environmentNative is
	// for one where nothing else explains native memory.
	environmentAlone  = 0.1
	environmentNative = 0.8
)

// Factors of a score, for evidence that is about something else than the app.
const (
	// foreign is what a dependency's line is worth beside one of the app, which alone
	// its developers can mend.
	foreign = 0.8
	// nodesOwn is for a detail of Node's, such as an emitter's array of listeners:
	// the app's call of it is the better answer.
	nodesOwn = 0.5
	// textAlone is for a line that is found by the text of the file alone: no call of
	// it is known.
	textAlone = 0.7
)

// Shares of the leak, from 0 to 1.
const (
	// leastShare is the part of what survives that a function must allocate to be
	// suspected for that alone, and what a second suspect must explain.
	leastShare = 0.1
	// leastHigh is the part, allocated there and held there, that high confidence
	// needs: a bounded cache takes entries, too.
	leastHigh = 0.25
	// chance is the part above which even a handful of entries is no chance.
	chance = 0.5
)
