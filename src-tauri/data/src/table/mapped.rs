//! The columnar copy, mapped into memory.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, Float64Array, LargeStringArray, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::Block;
use arrow_ipc::reader::FileDecoder;
use arrow_schema::{ArrowError, DataType, Schema};
use memmap2::Mmap;
use rayon::prelude::*;

use super::TableError;
use super::error::failed;
use super::writer::SURPLUS_MARK;
use crate::file::is_missing;

/// A table that was written, mapped into memory.
#[derive(Debug)]
pub struct Table {
    names: Vec<String>,
    text: Vec<Vec<LargeStringArray>>,
    values: Vec<Option<Vec<Float64Array>>>,
    /// What rows have after their last column, in a table that keeps it.
    surplus: Option<Vec<LargeStringArray>>,
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
        let blocks: Vec<_> = footer.recordBatches().iter().flatten().collect();
        let read = |block: &&Block| {
            let length = block.bodyLength() as usize + block.metaDataLength() as usize;
            let bytes = buffer.slice_with_length(block.offset() as usize, length);
            let batch = decoder.read_record_batch(block, &bytes);
            batch.map_err(|source| failed(path, source))?.ok_or_else(|| broken("an empty block"))
        };
        // Every byte is looked at, whether it is well-formed UTF-8.
        let batches: Vec<RecordBatch> = blocks.par_iter().map(read).collect::<Result<_, _>>()?;
        for batch in &batches {
            table.take(batch).ok_or_else(|| broken("a column of another type"))?;
        }
        Ok(table)
    }

    fn with_schema(schema: &Schema) -> Self {
        let mut table = Self {
            names: Vec::new(),
            text: Vec::new(),
            values: Vec::new(),
            surplus: None,
            starts: vec![0],
        };
        for field in schema.fields() {
            if field.metadata().contains_key(SURPLUS_MARK) {
                table.surplus = Some(Vec::new());
            } else if *field.data_type() == DataType::LargeUtf8 {
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
        if let Some(surplus) = &mut self.surplus {
            surplus.push(arrays.next()?.as_any().downcast_ref::<LargeStringArray>()?.clone());
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

    /// What a row has after its last column: raw text as it stood in the file, delimiters and
    /// quotes included. `None` for nearly every row.
    ///
    /// # Panics
    /// When `row` is not one of the table's.
    #[must_use]
    pub fn surplus(&self, row: usize) -> Option<&str> {
        let kept = self.surplus.as_ref()?;
        let (batch, at) = self.locate(row);
        kept[batch].is_valid(at).then(|| kept[batch].value(at))
    }

    /// How many of some rows, all unless given, go on after the last column: what is written by
    /// columns lacks their surplus.
    ///
    /// # Panics
    /// When one of `rows` is not one of the table's.
    #[must_use]
    pub fn rows_with_surplus(&self, rows: Option<&[u32]>) -> u64 {
        let Some(kept) = &self.surplus else { return 0 };
        let count = match rows {
            Some(rows) => rows.iter().filter(|&&row| self.surplus(row as usize).is_some()).count(),
            None => kept.iter().map(|batch| batch.len() - batch.null_count()).sum(),
        };
        count as u64
    }

    /// Whether a cell stands for nothing: empty, or one of the signs that mean it (`NA`, `-`, …).
    ///
    /// # Panics
    /// When `row` or `column` is not one of the table's.
    #[must_use]
    pub fn is_missing(&self, row: usize, column: usize) -> bool {
        self.cell(row, column).is_none_or(|text| is_missing(text.as_bytes().trim_ascii()))
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

    /// A column's text and values by batches, each with the row it begins at.
    pub(super) fn batches_with_values(
        &self,
        column: usize,
    ) -> impl Iterator<Item = (usize, &LargeStringArray, Option<&Float64Array>)> {
        let values = self.values[column].as_ref();
        self.batches(column)
            .enumerate()
            .map(move |(at, (start, text))| (start, text, values.map(|values| &values[at])))
    }

    /// The rows of every batch, as ranges that together are the whole table.
    pub fn batch_ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        self.starts.windows(2).map(|pair| pair[0]..pair[1])
    }
}
