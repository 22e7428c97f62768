//go:build slim

package store

func dialectOf(string) (dialect, error) { return dialect{}, ErrSlim }
