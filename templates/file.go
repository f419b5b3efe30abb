package templates

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/streamchain/streamchain/x/subscription/template"
)

//go:embed *.yaml
var shipped embed.FS

// MaxFile is the most bytes of a file that is read.
const MaxFile = 1 << 20

// File is a template as its author keeps it.
type File struct {
	Title      string  `yaml:"title"`
	About      string  `yaml:"about"`
	RoyaltyBps uint32  `yaml:"royalty_bps"`
	Params     []param `yaml:"params"`
	Access     string  `yaml:"access"`
	Price      string  `yaml:"price"`
	Refund     string  `yaml:"refund"`

	name string
}

type param struct {
	Name    string   `yaml:"name"`
	About   string   `yaml:"about"`
	Type    string   `yaml:"type"`
	Min     int64    `yaml:"min"`
	Max     int64    `yaml:"max"`
	Options []string `yaml:"options"`
	MaxLen  int      `yaml:"max_len"`
	Default any      `yaml:"default"`
}

// Names are the templates that StreamChain comes with.
func Names() []string {
	found, err := fs.Glob(shipped, "*.yaml")
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range found {
		if !strings.HasSuffix(f, "_test.yaml") {
			names = append(names, strings.TrimSuffix(f, ".yaml"))
		}
	}
	return names
}

// Load reads a file, or one of Names. Fields that it does not know are errors.
func Load(name string) (*File, error) {
	raw, err := read(name)
	if err != nil {
		return nil, err
	}
	f := &File{name: name}
	return f, decode(name, raw, f)
}

// read prefers what StreamChain comes with: a name without a slash or an ending.
func read(name string) ([]byte, error) {
	if slices.Contains(Names(), strings.TrimSuffix(name, "_test")) {
		return shipped.ReadFile(name + ".yaml")
	}
	in, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, MaxFile+1))
	if err == nil && len(raw) > MaxFile {
		err = fmt.Errorf("%s is larger than %d bytes", name, MaxFile)
	}
	return raw, err
}

func decode(name string, raw []byte, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Source is the template as the chain checks it. Expressions lose the space around them.
func (f *File) Source() (template.Source, error) {
	src := template.Source{Access: strings.TrimSpace(f.Access), Price: strings.TrimSpace(f.Price), Refund: strings.TrimSpace(f.Refund)}
	for _, p := range f.Params {
		typ, err := typeOf(p.Type)
		if err != nil {
			return src, fmt.Errorf("%s: parameter %s: %w", f.name, p.Name, err)
		}
		v, err := valueOf(p.Default)
		if err != nil {
			return src, fmt.Errorf("%s: parameter %s: default: %w", f.name, p.Name, err)
		}
		src.Params = append(src.Params, template.Param{
			Name: p.Name, About: p.About, Type: typ, Min: p.Min, Max: p.Max, Options: p.Options, MaxLen: p.MaxLen, Default: v,
		})
	}
	return src, nil
}

// Check reads the template and checks it as the chain does.
func (f *File) Check() (*template.Program, error) {
	src, err := f.Source()
	if err != nil {
		return nil, err
	}
	p, err := template.Check(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	return p, nil
}

func typeOf(name string) (template.Type, error) {
	switch name {
	case "int":
		return template.Int, nil
	case "bool":
		return template.Bool, nil
	case "string":
		return template.String, nil
	case "list":
		return template.List, nil
	}
	return 0, fmt.Errorf("type is int, bool, string or list, not %.40q", name)
}

// valueOf makes a value of what YAML has read.
func valueOf(v any) (template.Value, error) {
	switch v := v.(type) {
	case int:
		return template.IntValue(int64(v)), nil
	case bool:
		return template.BoolValue(v), nil
	case string:
		return template.TextValue(v), nil
	case []any:
		list := template.ListValue()
		for _, e := range v {
			i, ok := e.(int)
			if !ok {
				return list, fmt.Errorf("%v is not an int", e)
			}
			list.List = append(list.List, int64(i))
		}
		return list, nil
	}
	return template.Value{}, fmt.Errorf("%v is not an int, a bool, a string or a list of ints", v)
}

// ParseValue reads a value from a command line: an int, true or false, ints between brackets, else a string.
func ParseValue(s string) (template.Value, error) {
	var v any
	if err := yaml.Unmarshal([]byte(s), &v); err != nil {
		return template.Value{}, err
	}
	return valueOf(v)
}

// testFile is where the tables of a template's tests are.
func (f *File) testFile() string {
	if strings.HasSuffix(f.name, ".yaml") {
		return strings.TrimSuffix(f.name, ".yaml") + "_test.yaml"
	}
	return f.name + "_test"
}

// readTests reads the tables; none where there is no file.
func (f *File) readTests() ([]Case, error) {
	raw, err := read(f.testFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var table struct {
		Tests []Case `yaml:"tests"`
	}
	return table.Tests, decode(f.testFile(), raw, &table)
}
