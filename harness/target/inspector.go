package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/leakcheck/leakcheck/harness/target/proctree"
)

// inspectorTimeout bounds a question to a port that may be no inspector's.
const inspectorTimeout = time.Second

// InspectorAt is the inspector that listens on addr.
func InspectorAt(ctx context.Context, addr netip.AddrPort) (string, error) {
	var targets []struct {
		URL string `json:"webSocketDebuggerUrl"`
	}
	if err := getJSON(ctx, addr, "/json/list", &targets); err != nil {
		return "", err
	}
	for _, t := range targets {
		if t.URL != "" {
			return t.URL, nil
		}
	}
	return "", errors.New("no inspector listed")
}

// CheckVersion returns NodeTooOld when the inspector's process is.
func CheckVersion(ctx context.Context, inspector string) error {
	u, err := url.Parse(inspector)
	if err != nil {
		return fmt.Errorf("read inspector URL: %w", err)
	}
	addr, err := netip.ParseAddrPort(u.Host)
	if err != nil {
		return fmt.Errorf("read inspector URL: %w", err)
	}
	var about struct{ Browser string } // "node.js/v20.20.2"
	if err := getJSON(ctx, addr, "/json/version", &about); err != nil {
		return &Error{Kind: NoInspector, Err: err}
	}
	version, ok := parseNodeVersion(about.Browser)
	if !ok {
		return &Error{Kind: NoInspector, Err: fmt.Errorf("the inspector's process is %q, not Node", about.Browser)}
	}
	return version.check()
}

func getJSON(ctx context.Context, addr netip.AddrPort, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, inspectorTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr.String()+path, nil)
	if err != nil {
		return fmt.Errorf("ask inspector: %w", err)
	}
	resp, err := answer(local, req)
	if err != nil {
		return fmt.Errorf("ask inspector: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask inspector: GET %s: %s", path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("ask inspector: %w", err)
	}
	return nil
}

// reachable is where a socket that listens on l can be connected to.
func reachable(l proctree.Listener) netip.AddrPort {
	addr := l.Addr.Addr()
	if addr.IsUnspecified() && addr.Is4() {
		addr = netip.MustParseAddr(loopbacks[0])
	} else if addr.IsUnspecified() {
		addr = netip.MustParseAddr(loopbacks[1])
	}
	return netip.AddrPortFrom(addr, l.Addr.Port())
}
