package importers

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	layout "github.com/parquet-go/parquet-go/format"
)

// The library believes the sizes and counts that a file states, so that a few
// bytes could ask for all memory. They are checked before it reads. The layout is
// that of the Parquet format 2.12, https://parquet.apache.org/docs/file-format/.
const (
	mostFooter = 1 << 20 // bytes
	mostPage   = 1 << 27 // bytes, unpacked
	mostRows   = 1 << 20
	mostValues = 1 << 23 // of all columns together, nulls included
)

// plainDictionary is what old writers call a dictionary, PLAIN_DICTIONARY, and the
// values inside one.
const plainDictionary layout.Encoding = 2

var errDamaged = errors.New("it is damaged or cut: expected a whole Parquet file")

// checkParquet tells whether a file asks for no more memory than its content needs,
// and counts what that is.
func checkParquet(data []byte) (c parquetCheck, err error) {
	meta, err := parquetFooter(data)
	if err != nil {
		return c, err
	}
	levels, err := columnLevels(meta.Schema)
	if err != nil {
		return c, err
	}
	c.data = data[:len(data)-8]
	for _, group := range meta.RowGroups {
		if len(group.Columns) != len(levels) || group.NumRows < 0 {
			return c, errDamaged
		}
		if c.rows += int(min(group.NumRows, mostRows+1)); c.rows > mostRows {
			return c, fmt.Errorf("it has more than %d rows: expected a smaller file", mostRows)
		}
		for i, chunk := range group.Columns {
			if err := c.chunk(chunk.MetaData, levels[i]); err != nil {
				return c, fmt.Errorf("column %.100q: %w", strings.Join(chunk.MetaData.PathInSchema, "."), err)
			}
		}
	}
	return c, nil
}

// parquetFooter reads what stands at the end of a file on its content.
func parquetFooter(data []byte) (meta layout.FileMetaData, err error) {
	const magic = "PAR1"
	if !bytes.HasPrefix(data, []byte(magic)) {
		return meta, errors.New("it is not Parquet: expected a file that begins with PAR1")
	}
	if len(data) < 12 || !bytes.HasSuffix(data, []byte(magic)) {
		return meta, errors.New("it is cut, or its end is encrypted: expected a Parquet file that ends with PAR1")
	}
	size := int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	if size > mostFooter || size > len(data)-12 {
		return meta, fmt.Errorf("its footer is said to have %d bytes: expected at most %d, inside the file", size, mostFooter)
	}
	_, err = decode(data[len(data)-8-size:len(data)-8], &meta)
	return meta, err
}

// decode reads one value and gives its length. It is first skipped, which takes no
// memory and fails where a list is said to be longer than what follows.
func decode(data []byte, into any) (int, error) {
	var protocol thrift.CompactProtocol
	if err := thrift.NewDecoder(protocol.NewReaderFromBytes(data)).Decode(&struct{}{}); err != nil {
		return 0, errDamaged
	}
	r := protocol.NewReaderFromBytes(bytes.Clone(data))
	if err := thrift.NewDecoder(r).Decode(into); err != nil {
		return 0, errDamaged
	}
	return r.BytesRead(), nil
}

// level is how deep a column lies: how many lists, and how many lists and optional
// fields, it is inside of.
type level struct{ repetition, definition int }

// columnLevels are those of the columns of a schema, which is a tree written depth
// first.
func columnLevels(schema []layout.SchemaElement) ([]level, error) {
	var leaves []level
	type branch struct {
		at   level
		left int // children to come
	}
	var open []branch
	for i, e := range schema {
		children := 0
		if e.NumChildren.Valid {
			children = int(e.NumChildren.V)
		}
		var at level
		if i > 0 {
			if len(open) == 0 || children < 0 {
				return nil, errDamaged
			}
			at = open[len(open)-1].at
			open[len(open)-1].left--
			switch {
			case e.RepetitionType.Valid && e.RepetitionType.V == layout.Repeated:
				at.repetition, at.definition = at.repetition+1, at.definition+1
			case e.RepetitionType.Valid && e.RepetitionType.V == layout.Optional:
				at.definition++
			}
		}
		if i == 0 || children > 0 {
			open = append(open, branch{at, children})
		} else {
			leaves = append(leaves, at)
		}
		for len(open) > 0 && open[len(open)-1].left == 0 {
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 || len(leaves) == 0 {
		return nil, errDamaged
	}
	return leaves, nil
}

// parquetCheck counts what all columns hold.
type parquetCheck struct {
	data         []byte // the file without its end
	rows, values int
	size         int // of all pages, unpacked, in bytes
}

// chunk checks the pages of one column.
func (c *parquetCheck) chunk(m layout.ColumnMetaData, at level) error {
	start := m.DataPageOffset
	if m.DictionaryPageOffset != 0 {
		start = m.DictionaryPageOffset
	}
	if start < 0 || m.TotalCompressedSize < 0 || start > int64(len(c.data)) || m.TotalCompressedSize > int64(len(c.data))-start {
		return errDamaged
	}
	for pages := c.data[start : start+m.TotalCompressedSize]; len(pages) > 0; {
		var head layout.PageHeader
		n, err := decode(pages[:min(len(pages), mostFooter)], &head)
		if err != nil {
			return err
		}
		pages = pages[n:]
		packed, unpacked := int(head.CompressedPageSize), int(head.UncompressedPageSize)
		if packed < 0 || packed > len(pages) || unpacked < 0 || unpacked > mostPage {
			return errDamaged
		}
		if c.size += unpacked; c.size > largest {
			return fmt.Errorf("all columns have more than %d bytes: expected a smaller file", largest)
		}
		if err := c.page(head, m.Codec, pages[:packed], at); err != nil {
			return err
		}
		pages = pages[packed:]
	}
	return nil
}

// page checks what one page holds.
func (c *parquetCheck) page(h layout.PageHeader, codec layout.CompressionCodec, body []byte, at level) error {
	size := int(h.UncompressedPageSize)
	switch {
	case h.Type == layout.DictionaryPage && h.DictionaryPageHeader.Valid:
		body, err := unpack(codec, body, size)
		if err != nil {
			return err
		}
		encoding := h.DictionaryPageHeader.V.Encoding
		if encoding == plainDictionary {
			encoding = layout.Plain
		}
		return c.contents(encoding, int(h.DictionaryPageHeader.V.NumValues), body)
	case h.Type == layout.DataPage && h.DataPageHeader.Valid:
		body, err := unpack(codec, body, size)
		if err != nil {
			return err
		}
		return c.pageV1(h.DataPageHeader.V, body, at)
	case h.Type == layout.DataPageV2 && h.DataPageHeaderV2.Valid:
		return c.pageV2(h.DataPageHeaderV2.V, codec, body, size, at)
	}
	return errDamaged
}

// pageV1 checks the levels, each behind its length, and the values.
func (c *parquetCheck) pageV1(h layout.DataPageHeader, body []byte, at level) error {
	for _, l := range []struct {
		most     int
		encoding layout.Encoding
	}{{at.repetition, h.RepetitionLevelEncoding}, {at.definition, h.DefinitionLevelEncoding}} {
		if l.most == 0 {
			continue
		}
		if l.encoding != layout.RLE {
			return unread(l.encoding)
		}
		levels, rest, err := prefixed(body)
		if err != nil {
			return err
		}
		if err := checkRuns(levels, bits.Len(uint(l.most)), int(h.NumValues)); err != nil {
			return err
		}
		body = rest
	}
	return c.contents(h.Encoding, int(h.NumValues), body)
}

// pageV2 checks the levels, which are never packed, and the values.
func (c *parquetCheck) pageV2(h layout.DataPageHeaderV2, codec layout.CompressionCodec, body []byte, size int, at level) error {
	repetition, definition := int(h.RepetitionLevelsByteLength), int(h.DefinitionLevelsByteLength)
	if repetition < 0 || definition < 0 || repetition+definition > min(len(body), size) {
		return errDamaged
	}
	if err := checkRuns(body[:repetition], bits.Len(uint(at.repetition)), int(h.NumValues)); err != nil {
		return err
	}
	if err := checkRuns(body[repetition:repetition+definition], bits.Len(uint(at.definition)), int(h.NumValues)); err != nil {
		return err
	}
	values := body[repetition+definition:]
	if !h.IsCompressed.Valid || h.IsCompressed.V {
		unpacked, err := unpack(codec, values, size-repetition-definition)
		if err != nil {
			return err
		}
		values = unpacked
	}
	return c.contents(h.Encoding, int(h.NumValues), values)
}

// contents counts the values of a page and checks that they take no more room than
// their bytes say.
func (c *parquetCheck) contents(encoding layout.Encoding, n int, values []byte) error {
	if n < 0 {
		return errDamaged
	}
	if c.values += max(n, 1); c.values > mostValues || n > mostValues {
		return fmt.Errorf("all columns have more than %d values: expected a smaller file", mostValues)
	}
	switch encoding {
	case layout.Plain, layout.ByteStreamSplit:
		return nil
	case plainDictionary, layout.RLEDictionary:
		if len(values) == 0 {
			return nil // all are null
		}
		return checkRuns(values[1:], int(values[0]), n)
	case layout.RLE:
		runs, _, err := prefixed(values)
		if err != nil {
			return err
		}
		return checkRuns(runs, 1, n)
	}
	return unread(encoding)
}

func unread(encoding layout.Encoding) error {
	return fmt.Errorf("it has the encoding %s: expected PLAIN, RLE or a dictionary, as pandas, pyarrow, DuckDB and Polars write", encoding)
}

// prefixed splits data behind their length from what follows.
func prefixed(data []byte) (inner, rest []byte, err error) {
	if len(data) < 4 {
		return nil, nil, errDamaged
	}
	n := int(binary.LittleEndian.Uint32(data))
	if n > len(data)-4 {
		return nil, nil, errDamaged
	}
	return data[4 : 4+n], data[4+n:], nil
}

// checkRuns tells whether runs of numbers of a width in bits are about as many as
// n numbers. Writers fill the last groups, by as many as 32 numbers or more.
func checkRuns(runs []byte, width, n int) error {
	if width > 32 {
		return errDamaged
	}
	for most := 2*n + 1024; len(runs) > 0; {
		head, used := binary.Uvarint(runs)
		if used <= 0 || head>>1 > mostValues {
			return errDamaged
		}
		count, size := int(head>>1), (width+7)/8 // one number, repeated
		if head&1 == 1 {                         // groups of eight numbers each
			count, size = 8*count, count*width
		}
		if most -= count; most < 0 || size > len(runs)-used {
			return errDamaged
		}
		runs = runs[used+size:]
	}
	return nil
}

// unpack gives the content of a page, which has to be of the size that it states.
func unpack(codec layout.CompressionCodec, body []byte, size int) ([]byte, error) {
	if size < 0 {
		return nil, errDamaged
	}
	var r io.Reader
	var err error
	switch codec {
	case layout.Uncompressed:
		r = bytes.NewReader(body)
	case layout.Snappy:
		if n, err := snappy.DecodedLen(body); err != nil || n != size {
			return nil, errDamaged
		}
		body, err = snappy.Decode(nil, body)
		r = bytes.NewReader(body)
	case layout.Gzip:
		r, err = gzip.NewReader(bytes.NewReader(body))
	case layout.Zstd:
		var z *zstd.Decoder
		z, err = zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(mostWindow))
		if err == nil {
			defer z.Close()
		}
		r = z
	default:
		return nil, fmt.Errorf("it is packed by %s: expected snappy, gzip, zstd or none", codec)
	}
	if err != nil {
		return nil, errDamaged
	}
	content, err := io.ReadAll(io.LimitReader(r, int64(size)+1))
	if err != nil || len(content) != size {
		return nil, errDamaged
	}
	return content, nil
}
