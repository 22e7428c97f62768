// Package github keeps one comment on a pull request up to date.
package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Client talks to GitHub's API about one repository.
type Client struct {
	API        string // "https://api.github.com"
	Token      string
	Repository string // "owner/name"
}

// ErrForbidden says that the token may not write: that of a pull request from a fork.
var ErrForbidden = errors.New("the token may not comment")

// timeout bounds one request.
const timeout = 30 * time.Second

// perPage is the most that GitHub lists at once, and mostPages how many are looked at.
const (
	perPage   = 100
	mostPages = 30
)

type comment struct {
	ID   int64  `json:"id"`
	Body string `json:"body"`
}

// Comment updates the comment whose first line is that of body. Without one it makes
// it, where create is set.
func (c Client) Comment(ctx context.Context, number, body string, create bool) error {
	marker, _, _ := strings.Cut(body, "\n")
	id, err := c.find(ctx, number, marker)
	switch {
	case err != nil:
		return err
	case id != 0:
		return c.call(ctx, http.MethodPatch, fmt.Sprintf("issues/comments/%d", id), comment{Body: body}, nil)
	case !create:
		return nil
	}
	return c.call(ctx, http.MethodPost, "issues/"+number+"/comments", comment{Body: body}, nil)
}

// find is the comment that begins with the marker, 0 for none.
func (c Client) find(ctx context.Context, number, marker string) (int64, error) {
	for page := 1; page <= mostPages; page++ {
		var all []comment
		path := fmt.Sprintf("issues/%s/comments?per_page=%d&page=%d", number, perPage, page)
		if err := c.call(ctx, http.MethodGet, path, nil, &all); err != nil {
			return 0, err
		}
		for _, one := range all {
			if strings.HasPrefix(one.Body, marker) {
				return one.ID, nil
			}
		}
		if len(all) < perPage {
			break
		}
	}
	return 0, nil
}

// call sends in, where there is any, and reads the answer into out.
func (c Client) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return fmt.Errorf("encode comment: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.API, "/")+"/repos/"+c.Repository+"/"+path, &body)
	if err != nil {
		return fmt.Errorf("ask GitHub: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Accept", "application/vnd.github+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask GitHub: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // what counts was read
	return answered(resp, out)
}

// answered reads GitHub's answer. 404 is what it says of what a token may not see.
func answered(resp *http.Response, out any) error {
	switch {
	case resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("%w: GitHub answers %s", ErrForbidden, resp.Status)
	case resp.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("ask GitHub: it answers %s", resp.Status)
	case out == nil:
		return nil
	}
	const most = 32 << 20
	if err := json.NewDecoder(io.LimitReader(resp.Body, most)).Decode(out); err != nil {
		return fmt.Errorf("read GitHub's answer: %w", err)
	}
	return nil
}
