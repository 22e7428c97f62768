package target

// Kind says why a target could not be started.
type Kind int

// The kinds of failed starts.
const (
	BadCommand       Kind = iota + 1 // empty, or with a flag that cannot be measured under
	CommandNotFound                  // no such program or folder, or not executable
	NodeMissing                      // the command needs node, which is not on its PATH
	NodeTooOld                       // below Node 18
	PortTaken                        // another process listens on the port
	DiedAtStart                      // ended before it was ready
	NeverListened                    // no listening socket within the timeout
	ListensElsewhere                 // it listens, but not where it was told to
	NotReady                         // it listens, but did not become ready
	NoInspector                      // the serving process has no inspector
	OpenInspector                    // an inspector accepts connections from elsewhere
	NoEngine                         // no container engine answers
	NoImage                          // the image cannot be had
	BuildFailed                      // the image cannot be built
	ServiceFailed                    // a service did not become ready, or ended
)

// Error is a target that could not be started. Nothing of it runs any more.
type Error struct {
	Kind   Kind
	Err    error
	Hint   string // what mends it, "" when not known
	Detail string // the target's last output, on lines of its own
}

func (e *Error) Error() string { return "start target: " + e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }
