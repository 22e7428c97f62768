package inspector

import "context"

// waitingForDisconnect is sent when the target has nothing left to do but to
// exit.
const waitingForDisconnect = "NodeRuntime.waitingForDisconnect"

// letExit has the target say when it is about to exit. Node waits then until
// its debuggers have disconnected, up to version 20 in any case: the app would
// be neither alive nor gone. The method sets a flag in the session and enables
// no domain; seen to work on 18.20, 20.20, 24.21 and 26.10.
func (c *Client) letExit(ctx context.Context) error {
	params := map[string]bool{"enabled": true}
	return c.Call(ctx, "NodeRuntime.notifyWhenWaitingForDisconnect", params, nil)
}
