package inspector

import (
	"context"
	"net"
	"net/http"
)

// httpClient connects directly, whatever the proxy settings say: the inspector
// is on this machine or in a container on it.
func httpClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return quickAck(conn), nil
		},
	}}
}
