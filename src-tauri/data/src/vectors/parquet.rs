//! Parquet: a column of lists of numbers, and one of ids.

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float16Type, Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{Take, VectorsError, broken};

/// Names that the column of vectors has where there are several of lists.
const NAMES: [&str; 3] = ["embedding", "vector", "embeddings"];

pub(super) fn read<E>(file: File, take: &mut Take<VectorsError<E>>) -> Result<(), VectorsError<E>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(broken)?;
    let schema = builder.schema();
    let is_list = |kind: &DataType| {
        matches!(kind, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..))
    };
    let lists: Vec<usize> =
        (0..schema.fields().len()).filter(|&at| is_list(schema.field(at).data_type())).collect();
    let named = lists.iter().find(|&&at| NAMES.contains(&schema.field(at).name().as_str()));
    let column = match (named, &lists[..]) {
        (Some(&column), _) | (None, &[column]) => column,
        (None, []) => return Err(broken("no column holds lists of numbers")),
        (None, several) => {
            let names: Vec<_> =
                several.iter().map(|&at| schema.field(at).name().as_str()).collect();
            return Err(broken(format!(
                "none of the columns {} is called embedding",
                names.join(", ")
            )));
        }
    };
    let vectors = schema.field(column).name().clone();
    let id = schema.fields().iter().position(|field| field.name() == "id");
    let wanted = ProjectionMask::roots(builder.parquet_schema(), id.into_iter().chain([column]));
    let batches = builder.with_projection(wanted).with_batch_size(1024).build().map_err(broken)?;
    let mut vector = Vec::new();
    for batch in batches {
        let batch: RecordBatch = batch.map_err(broken)?;
        let ids = batch.column_by_name("id").map(text).transpose()?;
        let lists = batch.column_by_name(&vectors).ok_or_else(|| broken("no vectors"))?;
        for row in 0..batch.num_rows() {
            vector.clear();
            // A row without one is a vector of no numbers, which is refused by its place.
            if lists.is_valid(row) {
                numbers(&one(lists, row), &mut vector)?;
            }
            take(ids.as_ref().map(|ids| ids.value(row).to_owned()), &vector)?;
        }
    }
    Ok(())
}

/// A row's list.
fn one(lists: &ArrayRef, row: usize) -> ArrayRef {
    match lists.data_type() {
        DataType::List(_) => lists.as_list::<i32>().value(row),
        DataType::LargeList(_) => lists.as_list::<i64>().value(row),
        _ => lists.as_fixed_size_list().value(row),
    }
}

fn numbers<E>(list: &ArrayRef, out: &mut Vec<f32>) -> Result<(), VectorsError<E>> {
    // A missing number is none: it is refused as such.
    let or_nan = |x: Option<f32>| x.unwrap_or(f32::NAN);
    match list.data_type() {
        DataType::Float32 => out.extend(list.as_primitive::<Float32Type>().iter().map(or_nan)),
        DataType::Float64 => {
            let list = list.as_primitive::<Float64Type>();
            out.extend(list.iter().map(|x| or_nan(x.map(|x| x as f32))));
        }
        DataType::Float16 => {
            let list = list.as_primitive::<Float16Type>();
            out.extend(list.iter().map(|x| or_nan(x.map(f32::from))));
        }
        other => return Err(broken(format!("its lists hold {other}"))),
    }
    Ok(())
}

/// A column as text.
fn text<E>(column: &ArrayRef) -> Result<arrow_array::StringArray, VectorsError<E>> {
    let said = |row: usize| -> Option<String> {
        if column.is_null(row) {
            return Some(String::new());
        }
        Some(match column.data_type() {
            DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
            DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
            DataType::Utf8View => column.as_string_view().value(row).to_owned(),
            DataType::Int32 => {
                column.as_primitive::<arrow_array::types::Int32Type>().value(row).to_string()
            }
            DataType::Int64 => {
                column.as_primitive::<arrow_array::types::Int64Type>().value(row).to_string()
            }
            DataType::UInt64 => {
                column.as_primitive::<arrow_array::types::UInt64Type>().value(row).to_string()
            }
            _ => return None,
        })
    };
    let ids: Option<Vec<String>> = (0..column.len()).map(said).collect();
    let ids = ids.ok_or_else(|| broken(format!("ids of kind {}", column.data_type())))?;
    Ok(ids.into())
}
