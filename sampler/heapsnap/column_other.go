//go:build !linux

package heapsnap

func adviseLarge([]byte) {}
