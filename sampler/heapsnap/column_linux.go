package heapsnap

import (
	"syscall"
	"unsafe"
)

// adviseLarge asks for large pages in the part of memory that is made of whole
// ones. A kernel without them refuses, which changes nothing.
func adviseLarge(memory []byte) {
	address := uintptr(unsafe.Pointer(unsafe.SliceData(memory)))
	skip := -address & (largePage - 1)
	whole := (uintptr(len(memory)) - skip) &^ (largePage - 1)
	_ = syscall.Madvise(memory[skip:skip+whole], syscall.MADV_HUGEPAGE)
}
