package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The comment is looked for on every page, and not made where it is only to be updated.
func TestCommentOnLaterPage(t *testing.T) {
	var calls []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := r.URL.Query().Get("page")
		calls = append(calls, r.Method+page)
		if r.Method != http.MethodGet {
			return
		}
		var all []comment
		for i := int64(1); page == "1" && i <= perPage; i++ {
			all = append(all, comment{ID: i, Body: fmt.Sprintf("no %d", i)})
		}
		if page == "2" {
			all = append(all, comment{ID: 700, Body: "<!-- leakcheck:shop -->\nold"})
		}
		if err := json.NewEncoder(w).Encode(all); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	c := Client{API: server.URL, Token: "t", Repository: "owner/repo"}
	for _, marker := range []string{"<!-- leakcheck:shop -->", "<!-- leakcheck:other -->"} {
		if err := c.Comment(t.Context(), "7", marker+"\nnew", false); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := fmt.Sprint(calls), "[GET1 GET2 PATCH GET1 GET2]"; got != want {
		t.Errorf("calls: got %s, want %s", got, want)
	}
}

// What a token may not do is told apart from GitHub's other failures.
func TestCommentForbidden(t *testing.T) {
	for status, want := range map[int]bool{http.StatusForbidden: true, http.StatusNotFound: true, http.StatusBadGateway: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		err := Client{API: server.URL, Token: "t", Repository: "owner/repo"}.Comment(t.Context(), "7", "m\n", true)
		if err == nil || errors.Is(err, ErrForbidden) != want {
			t.Errorf("%d: got %v", status, err)
		}
		server.Close()
	}
}
