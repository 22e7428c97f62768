package draft

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func init() { sources = append(sources, "petstore.yaml", "uspto.yaml", "uber.yaml") }

func TestBadOpenAPI(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"other.yaml", "version: 1\nname: x\n", "it is no OpenAPI document"},
		{"empty.yaml", "", "it is no OpenAPI document"},
		{"swagger.yaml", "swagger: '2.0'\ninfo: {title: x, version: '1'}\npaths: {}\n", "it has no paths"},
		{"paths.yaml", "openapi: 3.0.0\ninfo: {title: x, version: '1'}\npaths: {}\n", "it has no paths"},
		{"broken.yaml", "openapi: [3\n", "read OpenAPI"},
		{"remote.yaml", "openapi: 3.0.0\ninfo: {title: x, version: '1'}\npaths: {/: {$ref: 'http://127.0.0.1:1/x'}}\n", "read OpenAPI"},
	}
	for _, tt := range tests {
		path := filepath.Join(t.TempDir(), tt.name)
		if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := From(path, "", t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}
