package importers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
)

// parquetRows reads a Parquet file: its columns are the fields, and lists and
// structures are as in JSON. What the library panics at, or cannot read, is one
// error.
func (f *file) parquetRows() (list []record, err error) {
	defer func() {
		if p := recover(); p != nil {
			list, err = nil, fmt.Errorf("it is damaged (%.200q): expected a whole Parquet file", fmt.Sprint(p))
		}
	}()
	if _, err := checkParquet(f.data); err != nil {
		return nil, err
	}
	opened, err := parquet.OpenFile(bytes.NewReader(f.data), int64(len(f.data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, unreadable(err)
	}
	schema := opened.Schema()
	names := map[string]bool{}
	for _, column := range schema.Fields() {
		if names[column.Name()] {
			return nil, fmt.Errorf("two columns are named %q: expected a name of its own for each", column.Name())
		}
		names[column.Name()] = true
	}
	size := 0 // of all texts, in bytes: a dictionary writes one once for many rows
	for _, group := range opened.RowGroups() {
		rows := group.Rows()
		part, err := f.parquetGroup(schema, rows, int(group.NumRows()), &size)
		rows.Close()
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
	}
	return list, nil
}

// unreadable is an error of the library, in one line.
func unreadable(err error) error {
	return fmt.Errorf("it is not read as Parquet (%.200q): expected a whole file, not encrypted", err.Error())
}

// parquetGroup reads one group of so many rows, and adds the size of its texts.
func (f *file) parquetGroup(schema *parquet.Schema, rows parquet.RowReader, expected int, size *int) ([]record, error) {
	var list []record
	buffer := make([]parquet.Row, 1) // one, so that its size is known before it is copied
	for {
		n, err := rows.ReadRows(buffer)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, unreadable(err)
		}
		if ends := n == 0 && err != nil; ends != (len(list) == expected) {
			return nil, errDamaged
		} else if ends {
			return list, nil
		}
		for _, r := range buffer[:n] {
			for _, v := range r {
				if k := v.Kind(); k == parquet.ByteArray || k == parquet.FixedLenByteArray {
					*size += len(v.ByteArray())
				}
			}
			if *size > largest {
				return nil, fmt.Errorf("its texts are larger than %d bytes: expected a smaller file", largest)
			}
			f.read++
			made, err := f.parquetRecord(schema, r)
			if err != nil {
				return nil, err
			}
			list = append(list, made)
		}
	}
}

func (f *file) parquetRecord(schema *parquet.Schema, r parquet.Row) (record, error) {
	columns := map[string]any{}
	if err := schema.Reconstruct(&columns, r); err != nil {
		return record{}, fmt.Errorf("row %d: %w", f.read, unreadable(err))
	}
	made := record{f, f.read, map[string]any{}}
	for name, v := range columns {
		value, err := plain(reflect.ValueOf(v))
		if err != nil {
			return record{}, fmt.Errorf("row %d, column %q: %w", f.read, name, err)
		}
		made.values[name] = value
	}
	return made, nil
}

// plain makes a value of what JSON has: nil, a text, a [json.Number], true or
// false, a list or an object; bytes that are no text stay bytes, which no format
// reads.
func plain(v reflect.Value) (any, error) {
	if !v.IsValid() {
		return nil, nil
	}
	switch v := v.Interface().(type) {
	case time.Time:
		return v.Format(time.RFC3339Nano), nil
	case big.Float: // a decimal
		return json.Number(v.Text('f', -1)), nil
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return plain(v.Elem())
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(v.Int(), 10)), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return json.Number(strconv.FormatUint(v.Uint(), 10)), nil
	case reflect.Float32, reflect.Float64:
		return plainFloat(v.Float(), v.Type().Bits())
	case reflect.String:
		return textOrBytes(v.String()), nil
	case reflect.Slice, reflect.Array:
		return plainList(v)
	case reflect.Map:
		return plainMap(v)
	}
	return nil, fmt.Errorf("it is of the type %.80s: expected texts, numbers, true or false, lists and structures", v.Type().String())
}

// plainFloat is a number; not a number is missing, as pandas writes it.
func plainFloat(x float64, bits int) (any, error) {
	if math.IsNaN(x) {
		return nil, nil
	}
	if math.IsInf(x, 0) {
		return nil, errors.New("it is infinite: expected a number")
	}
	return json.Number(strconv.FormatFloat(x, 'g', -1, bits)), nil
}

// textOrBytes is a text where it is UTF-8. Files with pictures are read, and a
// text in another encoding is refused where a format asks for it.
func textOrBytes(text string) any {
	if utf8.ValidString(text) {
		return text
	}
	return []byte(text)
}

func plainList(v reflect.Value) (any, error) {
	if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
		return textOrBytes(string(v.Bytes())), nil
	}
	list := make([]any, v.Len())
	for i := range list {
		item, err := plain(v.Index(i))
		if err != nil {
			return nil, err
		}
		list[i] = item
	}
	return list, nil
}

func plainMap(v reflect.Value) (any, error) {
	if v.IsNil() {
		return nil, nil
	}
	object := map[string]any{}
	for pairs := v.MapRange(); pairs.Next(); {
		if pairs.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("its keys are of the type %.80s: expected texts", pairs.Key().Type().String())
		}
		item, err := plain(pairs.Value())
		if err != nil {
			return nil, err
		}
		object[strings.Clone(pairs.Key().String())] = item
	}
	return object, nil
}
