package inspector

import "context"

// PID is the process, as it numbers itself: within a container, that is not
// the number which the machine knows it by.
func (c *Client) PID(ctx context.Context) (int, error) {
	var answer struct{ Result struct{ Value int } }
	params := map[string]any{"expression": "process.pid", "returnByValue": true, "silent": true}
	err := c.Call(ctx, "Runtime.evaluate", params, &answer)
	return answer.Result.Value, err
}
