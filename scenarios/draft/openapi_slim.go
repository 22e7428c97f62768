//go:build slim

package draft

import "errors"

func fromOpenAPI(string) (*Draft, error) {
	return nil, errors.New("this leakcheck was built without OpenAPI (tag slim): install it without -tags slim")
}
