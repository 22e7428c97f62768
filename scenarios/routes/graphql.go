package routes

// graphQL are the operations of the schemas that were seen.
func (p *program) graphQL() []Route { return nil }
