//! Writing the columnar copy, and opening it again.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, LargeStringBuilder};
use arrow_array::{Array, ArrayRef, Float64Array, LargeStringArray, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::reader::FileDecoder;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use memmap2::Mmap;

use crate::file::is_missing;

/// Rows of one record batch: small enough that writing is bounded, large enough that scanning a
/// column is scanning long runs of bytes.
const BATCH_ROWS: usize = 1 << 16;
/// Bytes of text after which a batch ends early.
const BATCH_BYTES: usize = 64 << 20;

/// What can go wrong with the columnar copy.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file could not be written or read.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not one that [`TableWriter`] wrote.
    #[error("{path}: {source}")]
    Format {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: ArrowError,
    },
    /// There is no such column.
    #[error("no column {0}")]
    UnknownColumn(String),
}

/// Reads a cell's text as a value; `None` for text that is not one.
pub type Parse = Arc<dyn Fn(&str) -> Option<f64> + Send + Sync>;

/// A column to be written.
#[derive(Clone)]
pub struct ColumnSpec {
    /// Its name.
    pub name: String,
    /// Reads values from its cells, for columns of numbers, dates (days since 1970-01-01) and booleans (0, 1).
    pub parse: Option<Parse>,
}

/// Writes a table row by row, to a temporary file that takes its name when it is whole.
pub struct TableWriter {
    path: PathBuf,
    part: PathBuf,
    writer: FileWriter<BufWriter<File>>,
    schema: Arc<Schema>,
    columns: Vec<ColumnSpec>,
    text: Vec<LargeStringBuilder>,
    values: Vec<Option<Float64Builder>>,
    rows_in_batch: usize,
    bytes_in_batch: usize,
    rows: u64,
}

impl TableWriter {
    /// Begins the table at `path`.
    ///
    /// # Errors
    /// [`TableError`] when the file cannot be created.
    pub fn create(path: &Path, columns: Vec<ColumnSpec>) -> Result<Self, TableError> {
        let mut fields = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            fields.push(Field::new(&column.name, DataType::LargeUtf8, true));
            if column.parse.is_some() {
                fields.push(Field::new(value_name(at), DataType::Float64, true));
            }
        }
        let schema = Arc::new(Schema::new(fields));
        let part = path.with_extension("part");
        let io = |source| TableError::Io { path: part.clone(), source };
        let file = File::create(&part).map_err(io)?;
        let writer = FileWriter::try_new(BufWriter::with_capacity(1 << 20, file), &schema)
            .map_err(|source| failed(&part, source))?;
        let text = columns.iter().map(|_| LargeStringBuilder::new()).collect();
        let values =
            columns.iter().map(|c| c.parse.as_ref().map(|_| Float64Builder::new())).collect();
        Ok(Self {
            path: path.to_owned(),
            part,
            writer,
            schema,
            columns,
            text,
            values,
            rows_in_batch: 0,
            bytes_in_batch: 0,
            rows: 0,
        })
    }

    /// Appends a row. A cell beyond the row's end is missing; a cell beyond the last column is not taken.
    ///
    /// # Errors
    /// [`TableError`] when the disk refuses.
    pub fn push<'a>(
        &mut self,
        cells: impl IntoIterator<Item = Option<&'a str>>,
    ) -> Result<(), TableError> {
        let mut cells = cells.into_iter();
        for at in 0..self.columns.len() {
            let cell = cells.next().flatten();
            self.bytes_in_batch += cell.map_or(0, str::len);
            self.text[at].append_option(cell);
            if let (Some(values), Some(parse)) = (&mut self.values[at], &self.columns[at].parse) {
                values.append_option(cell.and_then(|text| parse(text)));
            }
        }
        self.rows_in_batch += 1;
        self.rows += 1;
        if self.rows_in_batch >= BATCH_ROWS || self.bytes_in_batch >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), TableError> {
        if self.rows_in_batch == 0 {
            return Ok(());
        }
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for (text, values) in self.text.iter_mut().zip(&mut self.values) {
            arrays.push(Arc::new(text.finish()));
            if let Some(values) = values {
                arrays.push(Arc::new(values.finish()));
            }
        }
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)
            .map_err(|source| failed(&self.part, source))?;
        self.writer.write(&batch).map_err(|source| failed(&self.part, source))?;
        self.rows_in_batch = 0;
        self.bytes_in_batch = 0;
        Ok(())
    }

    /// Ends the table and gives the file its name; answers its rows.
    ///
    /// # Errors
    /// [`TableError`] when the disk refuses; the file of that name is then as it was.
    pub fn finish(mut self) -> Result<u64, TableError> {
        self.flush()?;
        self.writer.finish().map_err(|source| failed(&self.part, source))?;
        let io = |source| TableError::Io { path: self.part.clone(), source };
        self.writer.get_ref().get_ref().sync_all().map_err(io)?;
        std::fs::rename(&self.part, &self.path).map_err(io)?;
        Ok(self.rows)
    }
}

impl Drop for TableWriter {
    fn drop(&mut self) {
        // After `finish` the temporary file is gone already; before it, it is of no use.
        let _ = std::fs::remove_file(&self.part);
    }
}

fn value_name(column: usize) -> String {
    format!("#{column}")
}

/// Arrow hides the operating system's error in its own; the person needs to see "disk full".
fn failed(path: &Path, error: ArrowError) -> TableError {
    match error {
        ArrowError::IoError(_, source) => TableError::Io { path: path.to_owned(), source },
        source => TableError::Format { path: path.to_owned(), source },
    }
}

/// A table that was written, mapped into memory.
#[derive(Debug)]
pub struct Table {
    names: Vec<String>,
    text: Vec<Vec<LargeStringArray>>,
    values: Vec<Option<Vec<Float64Array>>>,
    /// First row of every batch, then the number of rows.
    starts: Vec<usize>,
}

impl Table {
    /// Maps the table at `path`.
    ///
    /// # Errors
    /// [`TableError`] when the file is missing or not one that [`TableWriter`] finished.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let io = |source| TableError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        // SAFETY: the file lies in Mirante's own folder, is never changed after its rename, and
        // is replaced only by another rename, which leaves this mapping intact.
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        let broken = |why: &str| TableError::Format {
            path: path.to_owned(),
            source: ArrowError::ParseError(why.to_owned()),
        };
        let buffer = Buffer::from(bytes::Bytes::from_owner(map));
        let footer_at = buffer.len().checked_sub(10).ok_or_else(|| broken("too short"))?;
        let footer_bytes: [u8; 10] =
            buffer[footer_at..].try_into().map_err(|_| broken("too short"))?;
        let footer_len = arrow_ipc::reader::read_footer_length(footer_bytes)
            .map_err(|source| failed(path, source))?;
        let footer_from =
            footer_at.checked_sub(footer_len).ok_or_else(|| broken("footer out of range"))?;
        let footer = arrow_ipc::root_as_footer(&buffer[footer_from..footer_at])
            .map_err(|_| broken("no footer"))?;
        let schema = footer.schema().ok_or_else(|| broken("no schema"))?;
        let schema =
            arrow_ipc::convert::try_fb_to_schema(schema).map_err(|source| failed(path, source))?;
        let decoder = FileDecoder::new(Arc::new(schema.clone()), footer.version());
        let mut table = Self::with_schema(&schema);
        for block in footer.recordBatches().iter().flatten() {
            let length = block.bodyLength() as usize + block.metaDataLength() as usize;
            let bytes = buffer.slice_with_length(block.offset() as usize, length);
            let batch = decoder
                .read_record_batch(block, &bytes)
                .map_err(|source| failed(path, source))?
                .ok_or_else(|| broken("an empty block"))?;
            table.take(&batch).ok_or_else(|| broken("a column of another type"))?;
        }
        Ok(table)
    }

    fn with_schema(schema: &Schema) -> Self {
        let mut table =
            Self { names: Vec::new(), text: Vec::new(), values: Vec::new(), starts: vec![0] };
        for field in schema.fields() {
            if *field.data_type() == DataType::LargeUtf8 {
                table.names.push(field.name().clone());
                table.text.push(Vec::new());
                table.values.push(None);
            } else if let Some(values) = table.values.last_mut() {
                *values = Some(Vec::new());
            }
        }
        table
    }

    fn take(&mut self, batch: &RecordBatch) -> Option<()> {
        let mut arrays = batch.columns().iter();
        for column in 0..self.names.len() {
            let text = arrays.next()?.as_any().downcast_ref::<LargeStringArray>()?;
            self.text[column].push(text.clone());
            if let Some(values) = &mut self.values[column] {
                values.push(arrays.next()?.as_any().downcast_ref::<Float64Array>()?.clone());
            }
        }
        self.starts.push(self.rows() + batch.num_rows());
        Some(())
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Column names, in the file's order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of a column.
    ///
    /// # Errors
    /// [`TableError::UnknownColumn`].
    pub fn column(&self, name: &str) -> Result<usize, TableError> {
        self.names
            .iter()
            .position(|known| known == name)
            .ok_or_else(|| TableError::UnknownColumn(name.to_owned()))
    }

    /// Whether a column has values beside its text.
    #[must_use]
    pub fn has_values(&self, column: usize) -> bool {
        self.values[column].is_some()
    }

    /// The batch a row is in, and its place there.
    fn locate(&self, row: usize) -> (usize, usize) {
        let batch = self.starts.partition_point(|&start| start <= row) - 1;
        (batch, row - self.starts[batch])
    }

    /// A cell's text; `None` where it is missing.
    ///
    /// # Panics
    /// When `row` or `column` is not one of the table's.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        let (batch, at) = self.locate(row);
        let text = &self.text[column][batch];
        text.is_valid(at).then(|| text.value(at))
    }

    /// Whether a cell stands for nothing: empty, or one of the signs that mean it (`NA`, `-`, …).
    ///
    /// # Panics
    /// When `row` or `column` is not one of the table's.
    #[must_use]
    pub fn is_missing(&self, row: usize, column: usize) -> bool {
        self.cell(row, column).is_none_or(|text| is_missing(text.trim().as_bytes()))
    }

    /// A cell's value; `None` where it is missing or not one.
    ///
    /// # Panics
    /// When `row` or `column` is not one of the table's.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Option<f64> {
        let (batch, at) = self.locate(row);
        let values = &self.values[column].as_ref()?[batch];
        values.is_valid(at).then(|| values.value(at))
    }

    /// A column's text by batches, each with the row it begins at.
    pub fn batches(
        &self,
        column: usize,
    ) -> impl ExactSizeIterator<Item = (usize, &LargeStringArray)> {
        self.starts
            .iter()
            .copied()
            .zip(self.text[column].iter())
            .take(self.text[column].len())
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The rows of every batch, as ranges that together are the whole table.
    pub fn batch_ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        self.starts.windows(2).map(|pair| pair[0]..pair[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> Option<Parse> {
        Some(Arc::new(|text: &str| text.parse().ok()))
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.arrow");
        let columns = vec![
            ColumnSpec { name: "nome".into(), parse: None },
            ColumnSpec { name: "valor".into(), parse: number() },
        ];
        let mut writer = TableWriter::create(&path, columns).unwrap();
        for row in 0..150_000 {
            let (name, value) = (format!("é {row}"), row.to_string());
            let value = (row % 7 != 0).then_some(value.as_str());
            writer.push([Some(name.as_str()), value]).unwrap();
        }
        assert!(!path.exists(), "the name is taken only by a whole table");
        assert_eq!(writer.finish().unwrap(), 150_000);
        let table = Table::open(&path).unwrap();
        assert_eq!(table.rows(), 150_000);
        assert_eq!(table.cell(149_999, 0), Some("é 149999"));
        assert_eq!(table.cell(7, 1), None);
        assert_eq!(table.value(70_001, 1), Some(70_001.0));
        assert!(matches!(table.column("preço"), Err(TableError::UnknownColumn(_))));
    }

    #[test]
    fn a_table_without_rows_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.arrow");
        let columns = vec![ColumnSpec { name: "a".into(), parse: None }];
        TableWriter::create(&path, columns).unwrap().finish().unwrap();
        assert_eq!(Table::open(&path).unwrap().rows(), 0);
    }

    #[test]
    fn a_cut_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.arrow");
        let columns = vec![ColumnSpec { name: "a".into(), parse: None }];
        let mut writer = TableWriter::create(&path, columns).unwrap();
        writer.push([Some("x")]).unwrap();
        writer.finish().unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in [0, 5, 20, whole.len() - 3] {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(Table::open(&path).is_err(), "cut at {length}");
        }
    }
}
