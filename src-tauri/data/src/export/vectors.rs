//! Vectors with their texts, for other programs: streamed, written beside the target.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float32Builder, StringBuilder};
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::Serialize;

use super::{Beside, ExportError};

/// Rows of one batch of Parquet.
const BATCH_ROWS: usize = 4096;

/// A format for vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VectorFormat {
    /// One array of `{id, text, embedding}`.
    Json,
    /// One object of these a line.
    Jsonl,
    /// numpy's own (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>): the
    /// vectors alone, a row each, 32-bit.
    Npy,
    /// Columns `id`, `text` and `embedding`, the last a list of as many 32-bit numbers as a vector has.
    Parquet,
}

/// What a row is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RowId {
    /// Its place, from 0, or a whole number of a column.
    Number(i64),
    /// A cell's text.
    Text(String),
}

/// One row.
#[derive(Debug, Serialize)]
struct Line<'a> {
    id: &'a RowId,
    text: &'a str,
    embedding: &'a [f32],
}

/// A file of vectors being written.
pub struct VectorWriter {
    path: PathBuf,
    width: usize,
    rows: u64,
    expected: u64,
    shape: Shape,
}

enum Shape {
    Json { out: BufWriter<Beside>, array: bool },
    Npy(BufWriter<Beside>),
    Parquet(Box<Columns>),
}

impl VectorWriter {
    /// Begins a file of `rows` vectors of `width` numbers that is to be `path`. `numbered` says that
    /// all ids are numbers.
    ///
    /// # Errors
    /// [`ExportError::Io`], [`ExportError::DiskFull`], [`ExportError::Encode`].
    pub fn create(
        path: &Path,
        format: VectorFormat,
        rows: u64,
        width: usize,
        numbered: bool,
    ) -> Result<Self, ExportError> {
        let io = |error| ExportError::io(path, error);
        let mut out = BufWriter::with_capacity(1 << 18, Beside::create(path).map_err(io)?);
        let shape = match format {
            VectorFormat::Json => {
                out.write_all(b"[").map_err(io)?;
                Shape::Json { out, array: true }
            }
            VectorFormat::Jsonl => Shape::Json { out, array: false },
            VectorFormat::Npy => {
                out.write_all(&npy_head(rows, width)).map_err(io)?;
                Shape::Npy(out)
            }
            VectorFormat::Parquet => Shape::Parquet(Box::new(Columns::new(out, width, numbered)?)),
        };
        Ok(Self { path: path.to_owned(), width, rows: 0, expected: rows, shape })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// As [`Self::create`].
    ///
    /// # Panics
    /// When the vector has another width than was said.
    pub fn push(&mut self, id: &RowId, text: &str, vector: &[f32]) -> Result<(), ExportError> {
        assert_eq!(vector.len(), self.width, "numbers of a vector");
        let io = |error| ExportError::io(&self.path, error);
        let first = self.rows == 0;
        self.rows += 1;
        match &mut self.shape {
            Shape::Json { out, array } => {
                let between: &[u8] = if *array && !first { b",\n" } else { b"" };
                out.write_all(between).map_err(io)?;
                let line = Line { id, text, embedding: vector };
                serde_json::to_writer(&mut *out, &line).map_err(|error| io(error.into()))?;
                if !*array {
                    out.write_all(b"\n").map_err(io)?;
                }
                Ok(())
            }
            Shape::Npy(out) => {
                vector.iter().try_for_each(|x| out.write_all(&x.to_le_bytes())).map_err(io)
            }
            Shape::Parquet(columns) => columns.push(id, text, vector),
        }
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// As [`Self::create`]; [`ExportError::Encode`] when there were not as many rows as was said.
    pub fn finish(self) -> Result<(), ExportError> {
        let io = |error| ExportError::io(&self.path, error);
        if self.rows != self.expected {
            let reason = format!("{} rows of {}", self.rows, self.expected);
            return Err(ExportError::Encode { reason });
        }
        let out = match self.shape {
            Shape::Json { mut out, array } => {
                if array {
                    out.write_all(b"]\n").map_err(io)?;
                }
                out
            }
            Shape::Npy(out) => out,
            Shape::Parquet(columns) => columns.finish()?,
        };
        let beside = out.into_inner().map_err(|error| io(error.into_error()))?;
        beside.commit().map_err(io)
    }
}

/// Version 1.0 of the format: the array begins at a multiple of 64 bytes.
fn npy_head(rows: u64, width: usize) -> Vec<u8> {
    let mut said =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
    const BEFORE: usize = 10;
    while !(BEFORE + said.len() + 1).is_multiple_of(64) {
        said.push(' ');
    }
    said.push('\n');
    let mut head = b"\x93NUMPY\x01\x00".to_vec();
    head.extend((said.len() as u16).to_le_bytes());
    head.extend(said.as_bytes());
    head
}

/// The columns of a Parquet file, a batch of them in memory.
struct Columns {
    writer: ArrowWriter<BufWriter<Beside>>,
    schema: Arc<Schema>,
    numbered: bool,
    ids: Vec<RowId>,
    texts: StringBuilder,
    vectors: FixedSizeListBuilder<Float32Builder>,
}

fn encode(error: impl std::fmt::Display) -> ExportError {
    ExportError::Encode { reason: error.to_string() }
}

impl Columns {
    fn new(out: BufWriter<Beside>, width: usize, numbered: bool) -> Result<Self, ExportError> {
        let item = Arc::new(Field::new("item", DataType::Float32, false));
        let width = i32::try_from(width).map_err(encode)?;
        let schema = Arc::new(Schema::new(vec![
            Field::new("id", if numbered { DataType::Int64 } else { DataType::Utf8 }, false),
            Field::new("text", DataType::Utf8, false),
            Field::new("embedding", DataType::FixedSizeList(Arc::clone(&item), width), false),
        ]));
        // Vectors look like noise: compressing them costs much and saves little.
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_column_compression("embedding.list.item".into(), Compression::UNCOMPRESSED)
            .set_column_dictionary_enabled("embedding.list.item".into(), false)
            .build();
        let writer =
            ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties)).map_err(encode)?;
        let vectors = FixedSizeListBuilder::new(Float32Builder::new(), width).with_field(item);
        Ok(Self { writer, schema, numbered, ids: Vec::new(), texts: StringBuilder::new(), vectors })
    }

    fn push(&mut self, id: &RowId, text: &str, vector: &[f32]) -> Result<(), ExportError> {
        self.ids.push(id.clone());
        self.texts.append_value(text);
        self.vectors.values().append_slice(vector);
        self.vectors.append(true);
        if self.ids.len() == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ExportError> {
        let ids: ArrayRef = if self.numbered {
            let number = |id: RowId| match id {
                RowId::Number(number) => Ok(number),
                RowId::Text(text) => Err(encode(format!("id {text} is no number"))),
            };
            Arc::new(self.ids.drain(..).map(number).collect::<Result<Int64Array, _>>()?)
        } else {
            let mut ids = StringBuilder::new();
            for id in self.ids.drain(..) {
                match id {
                    RowId::Number(number) => ids.append_value(number.to_string()),
                    RowId::Text(text) => ids.append_value(text),
                }
            }
            Arc::new(ids.finish())
        };
        let arrays = vec![
            ids,
            Arc::new(self.texts.finish()) as ArrayRef,
            Arc::new(self.vectors.finish()) as ArrayRef,
        ];
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(encode)?;
        self.writer.write(&batch).map_err(encode)
    }

    fn finish(mut self) -> Result<BufWriter<Beside>, ExportError> {
        if !self.ids.is_empty() {
            self.flush()?;
        }
        self.writer.into_inner().map_err(encode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: VectorFormat, ids: &[RowId]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v");
        let numbered = ids.iter().all(|id| matches!(id, RowId::Number(_)));
        let mut writer =
            VectorWriter::create(&path, format, ids.len() as u64, 3, numbered).unwrap();
        for (at, id) in ids.iter().enumerate() {
            writer.push(id, "não \"sei\"", &[0.1, -1.5, at as f32]).unwrap();
        }
        writer.finish().unwrap();
        std::fs::read(path).unwrap()
    }

    #[test]
    fn json_holds_every_number_to_the_last_bit() {
        let bytes = written(VectorFormat::Json, &[RowId::Number(0), RowId::Text("b".to_owned())]);
        let rows: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(rows[0]["id"], 0);
        assert_eq!(rows[1]["id"], "b");
        assert_eq!(rows[1]["text"], "não \"sei\"");
        assert_eq!(rows[1]["embedding"][0].to_string().parse(), Ok(0.1_f32));
        let lines = written(VectorFormat::Jsonl, &[RowId::Number(7), RowId::Number(8)]);
        let last: serde_json::Value =
            serde_json::from_slice(lines.split(|&b| b == b'\n').nth(1).unwrap()).unwrap();
        assert_eq!((&last["id"], &last["embedding"][2]), (&8.into(), &1.0.into()));
        assert_eq!(written(VectorFormat::Json, &[]), b"[]\n");
    }

    #[test]
    fn npy_is_what_numpy_says_it_is() {
        let bytes = written(VectorFormat::Npy, &[RowId::Number(0), RowId::Number(1)]);
        assert!(bytes.starts_with(b"\x93NUMPY\x01\x00"));
        let head = u16::from_le_bytes([bytes[8], bytes[9]]) as usize;
        assert_eq!((10 + head) % 64, 0);
        assert!(bytes[..10 + head].ends_with(b"\n"));
        assert!(String::from_utf8_lossy(&bytes[10..]).contains("'shape': (2, 3)"));
        let numbers: Vec<_> =
            bytes[10 + head..].as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        assert_eq!(numbers, [0.1, -1.5, 0.0, 0.1, -1.5, 1.0]);
    }

    #[test]
    fn parquet_keeps_ids_as_they_are() {
        use arrow_array::cast::AsArray;
        use arrow_array::types::{Float32Type, Int64Type};
        use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
        let ids: Vec<_> = (0..5000).map(RowId::Number).collect();
        let bytes = bytes::Bytes::from(written(VectorFormat::Parquet, &ids));
        let batches: Vec<_> = ParquetRecordBatchReader::try_new(bytes, 8192)
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 5000);
        assert_eq!(batches[0].column(0).as_primitive::<Int64Type>().value(9), 9);
        let vector = batches[0].column(2).as_fixed_size_list().value(9);
        assert_eq!(vector.as_primitive::<Float32Type>().values()[..], [0.1, -1.5, 9.0]);
    }

    #[test]
    fn a_file_that_is_not_finished_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.npy");
        let writer = VectorWriter::create(&path, VectorFormat::Npy, 2, 3, true).unwrap();
        assert!(writer.finish().is_err());
        assert!(!path.exists());
    }
}
