package recording

import "github.com/leakcheck/leakcheck/sampler/recording/unit"

// Room is what the fullest of the target's JS heaps may still grow: Heap.Used is
// the sum over all isolates, while the limit holds for each. It is 0 at the
// limit; known is false where the runtime gave no limit.
func (s *Sample) Room() (room unit.Bytes, known bool) {
	fullest := s.Heap.Used
	if len(s.Isolates) > 0 {
		fullest = 0
	}
	for _, i := range s.Isolates {
		fullest = max(fullest, i.Used)
	}
	return max(0, s.Heap.Limit-fullest), s.Heap.Limit > 0
}

// ContainerRoom is what the app's container may still grow until the kernel ends
// it; known is false where it has no limit, or is none.
func (s *Sample) ContainerRoom() (room unit.Bytes, known bool) {
	if len(s.Containers) == 0 || s.Containers[0].Limit == 0 {
		return 0, false
	}
	return max(0, s.Containers[0].Limit-s.Containers[0].WorkingSet), true
}

// Left is what the target may still grow, until its heap or its container is full;
// 0 when neither limit is known.
func (s *Sample) Left() unit.Bytes {
	room, known := s.Room()
	if left, limited := s.ContainerRoom(); limited && (!known || left < room) {
		room, known = left, true
	}
	if !known {
		return 0
	}
	return max(1, room)
}
