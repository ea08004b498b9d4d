//! Writing the columnar copy.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{Float64Builder, LargeStringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema};

use super::TableError;
use super::error::failed;

/// Rows of one record batch: small enough that writing is bounded, large enough that scanning a
/// column is scanning long runs of bytes.
const BATCH_ROWS: usize = 1 << 16;
/// Bytes of text after which a batch ends early.
const BATCH_BYTES: usize = 64 << 20;
/// Name of the last column of a table that keeps what rows have in surplus; it has
/// [`SURPLUS_MARK`] in its metadata, which no column of a file can have.
const SURPLUS: &str = "#surplus";
/// Key in the metadata of that column.
pub(super) const SURPLUS_MARK: &str = "mirante.surplus";

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
    surplus: Option<LargeStringBuilder>,
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
        Self::begin(path, columns, false)
    }

    /// Begins a table some of whose rows go on after the last column; what they have in surplus is
    /// kept beside them, see [`TableWriter::push_with_surplus`].
    ///
    /// # Errors
    /// [`TableError`] when the file cannot be created.
    pub fn create_with_surplus(path: &Path, columns: Vec<ColumnSpec>) -> Result<Self, TableError> {
        Self::begin(path, columns, true)
    }

    fn begin(path: &Path, columns: Vec<ColumnSpec>, surplus: bool) -> Result<Self, TableError> {
        let mut fields = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            fields.push(Field::new(&column.name, DataType::LargeUtf8, true));
            if column.parse.is_some() {
                fields.push(Field::new(value_name(at), DataType::Float64, true));
            }
        }
        if surplus {
            let mark = HashMap::from([(SURPLUS_MARK.to_owned(), String::new())]);
            fields.push(Field::new(SURPLUS, DataType::LargeUtf8, true).with_metadata(mark));
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
            surplus: surplus.then(LargeStringBuilder::new),
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
        self.push_with_surplus(cells, None)
    }

    /// Appends a row and the raw text that it has after its last column. A table that was begun
    /// without room for it takes no notice of the surplus.
    ///
    /// # Errors
    /// [`TableError`] when the disk refuses.
    pub fn push_with_surplus<'a>(
        &mut self,
        cells: impl IntoIterator<Item = Option<&'a str>>,
        surplus: Option<&str>,
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
        if let Some(kept) = &mut self.surplus {
            self.bytes_in_batch += surplus.map_or(0, str::len);
            kept.append_option(surplus);
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
        if let Some(kept) = &mut self.surplus {
            arrays.push(Arc::new(kept.finish()));
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
