//go:build slim

package cli

import "context"

// Cleaners is empty: this build starts nothing but processes.
func Cleaners() []func(context.Context, string) error { return nil }
