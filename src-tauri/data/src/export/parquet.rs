//! Parquet with typed columns.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::value::Value;
use super::{CHECK_ROWS, ExportError, Kind, Source, Written};
use crate::progress::Progress;

/// Rows of one batch.
const BATCH_ROWS: usize = 1 << 14;
/// Bytes of text after which a batch ends early.
const BATCH_BYTES: usize = 32 << 20;
/// Bytes of encoded columns after which a row group ends.
const GROUP_BYTES: usize = 64 << 20;

/// The type of a column whose every cell is a value of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Integer,
    Number,
    Day,
    Moment,
    Boolean,
}

pub(super) fn write<W: Write + Send>(
    source: &Source,
    out: &mut W,
    progress: &dyn Progress,
) -> Result<Written, ExportError> {
    let names = source.names();
    let mut types = Vec::with_capacity(names.len());
    let mut written = Written::default();
    for (column, name) in names.iter().enumerate() {
        let found = column_type(source, column, progress)?;
        let kind = source.kinds.get(column).copied().unwrap_or(Kind::Text);
        if found == Some(Type::Text) && kind != Kind::Text {
            written.as_text.push((*name).to_owned());
        }
        types.push(found.unwrap_or(Type::Text));
    }
    let fields: Vec<Field> =
        names.iter().zip(&types).map(|(name, of)| Field::new(*name, of.arrow(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut writer =
        ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties)).map_err(encode)?;
    let mut columns: Vec<Column> = types.iter().map(|of| of.column()).collect();
    let (mut rows, mut bytes) = (0, 0);
    for (nth, row) in source.each_row().enumerate() {
        for (at, column) in columns.iter_mut().enumerate() {
            bytes += column.push(source, row, at);
        }
        rows += 1;
        if rows == BATCH_ROWS || bytes >= BATCH_BYTES {
            progress.check()?;
            flush(&mut writer, &schema, &mut columns)?;
            progress.at(nth as u64 + 1);
            (rows, bytes) = (0, 0);
        }
    }
    if rows > 0 {
        progress.check()?;
        flush(&mut writer, &schema, &mut columns)?;
    }
    writer.close().map_err(encode)?;
    progress.at(source.len() as u64);
    Ok(written)
}

fn flush<W: Write + Send>(
    writer: &mut ArrowWriter<W>,
    schema: &Arc<Schema>,
    columns: &mut [Column],
) -> Result<(), ExportError> {
    let arrays = columns.iter_mut().map(Column::finish).collect();
    let batch = RecordBatch::try_new(Arc::clone(schema), arrays).map_err(encode)?;
    writer.write(&batch).map_err(encode)?;
    if writer.in_progress_size() >= GROUP_BYTES {
        writer.flush().map_err(encode)?;
    }
    Ok(())
}

/// The one type that all cells of a column have; `None` when there is no cell.
fn column_type(
    source: &Source,
    column: usize,
    progress: &dyn Progress,
) -> Result<Option<Type>, ExportError> {
    let mut found = None;
    for (nth, row) in source.each_row().enumerate() {
        if nth % CHECK_ROWS == 0 {
            progress.check()?;
        }
        let of = match source.value(row, column) {
            Value::Missing => continue,
            Value::Text(_) => return Ok(Some(Type::Text)),
            Value::Integer(_) => Type::Integer,
            Value::Number(_) => Type::Number,
            Value::Day(_) => Type::Day,
            Value::Moment(_) => Type::Moment,
            Value::Boolean(_) => Type::Boolean,
        };
        found = match (found, of) {
            (None, of) => Some(of),
            (Some(before), of) if before == of => Some(of),
            (Some(Type::Day | Type::Moment), Type::Day | Type::Moment) => Some(Type::Moment),
            (Some(Type::Integer | Type::Number), Type::Integer | Type::Number) => {
                Some(Type::Number)
            }
            _ => return Ok(Some(Type::Text)),
        };
    }
    Ok(found)
}

impl Type {
    fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Day => DataType::Date32,
            Self::Moment => DataType::Timestamp(TimeUnit::Millisecond, None),
            Self::Boolean => DataType::Boolean,
        }
    }

    fn column(self) -> Column {
        match self {
            Self::Text => Column::Text(StringBuilder::new()),
            Self::Integer => Column::Integer(Int64Builder::new()),
            Self::Number => Column::Number(Float64Builder::new()),
            Self::Day => Column::Day(Date32Builder::new()),
            Self::Moment => Column::Moment(TimestampMillisecondBuilder::new()),
            Self::Boolean => Column::Boolean(BooleanBuilder::new()),
        }
    }
}

/// A column's part of the batch.
enum Column {
    Text(StringBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Day(Date32Builder),
    Moment(TimestampMillisecondBuilder),
    Boolean(BooleanBuilder),
}

impl Column {
    /// Appends a cell; answers its bytes.
    fn push(&mut self, source: &Source, row: u32, at: usize) -> usize {
        if let Self::Text(builder) = self {
            let text = source.text(row, at);
            builder.append_option(text.as_deref());
            return text.map_or(0, |text| text.len());
        }
        match (self, source.value(row, at)) {
            (Self::Integer(builder), Value::Integer(v)) => builder.append_value(v),
            (Self::Number(builder), Value::Number(v)) => builder.append_value(v),
            (Self::Number(builder), Value::Integer(v)) => builder.append_value(v as f64),
            (Self::Day(builder), Value::Day(v)) => builder.append_value(v),
            (Self::Moment(builder), Value::Moment(v)) => builder.append_value(v),
            (Self::Moment(builder), Value::Day(v)) => {
                builder.append_value(i64::from(v) * 86_400_000);
            }
            (Self::Boolean(builder), Value::Boolean(v)) => builder.append_value(v),
            // Missing: `column_type` has seen that nothing else is there.
            (Self::Integer(builder), _) => builder.append_null(),
            (Self::Number(builder), _) => builder.append_null(),
            (Self::Day(builder), _) => builder.append_null(),
            (Self::Moment(builder), _) => builder.append_null(),
            (Self::Boolean(builder), _) => builder.append_null(),
            (Self::Text(builder), _) => builder.append_null(),
        }
        8
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Number(builder) => Arc::new(builder.finish()),
            Self::Day(builder) => Arc::new(builder.finish()),
            Self::Moment(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
        }
    }
}

fn encode(error: impl std::fmt::Display) -> ExportError {
    ExportError::Encode { reason: error.to_string() }
}
