//! The text of a value in an Arrow array.

use std::fmt::{self, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
    Decimal256Type, DecimalType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, IntervalDayTimeType, IntervalYearMonthType, Time32MillisecondType,
    Time32SecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, IntervalUnit, TimeUnit};

use super::iso::{push_date, push_float, push_stamp, push_time};

/// Writes the text of one value; the value is not null.
pub(super) type Text<'a> = Box<dyn Fn(usize, &mut String) -> fmt::Result + 'a>;

/// How values of an array become text: as a cell, or as a part of JSON text. `None` for a type
/// that no Parquet file of today has.
///
/// Dates and times are ISO 8601, moments that are fixed in UTC end in `Z`, decimals have all
/// their digits, bytes are their text where they are UTF-8 and hexadecimal where they are not.
pub(super) fn text_of(array: &dyn Array, json: bool) -> Option<Text<'_>> {
    use DataType as T;
    Some(match array.data_type() {
        T::Null => Box::new(|_, _| Ok(())),
        T::Boolean => {
            let values = array.as_boolean();
            Box::new(|row, out| write!(out, "{}", values.value(row)))
        }
        T::Int8 => number::<Int8Type>(array),
        T::Int16 => number::<Int16Type>(array),
        T::Int32 => number::<Int32Type>(array),
        T::Int64 => number::<Int64Type>(array),
        T::UInt8 => number::<UInt8Type>(array),
        T::UInt16 => number::<UInt16Type>(array),
        T::UInt32 => number::<UInt32Type>(array),
        T::UInt64 => number::<UInt64Type>(array),
        T::Float16 => primitive::<Float16Type>(array, move |v, out| float(v.into(), json, out)),
        // The shortest text of a f32, not that of the f64 next to it.
        T::Float32 => primitive::<Float32Type>(array, move |v, out| {
            float(v.to_string().parse().unwrap_or(f64::from(v)), json, out)
        }),
        T::Float64 => primitive::<Float64Type>(array, move |v, out| float(v, json, out)),
        T::Decimal32(..) => decimal::<Decimal32Type>(array),
        T::Decimal64(..) => decimal::<Decimal64Type>(array),
        T::Decimal128(..) => decimal::<Decimal128Type>(array),
        T::Decimal256(..) => decimal::<Decimal256Type>(array),
        T::Date32 => quoted::<Date32Type>(array, json, |v, out| push_date(out, v.into())),
        T::Date64 => {
            quoted::<Date64Type>(array, json, |v, out| push_date(out, v.div_euclid(86_400_000)))
        }
        T::Time32(TimeUnit::Second) => {
            quoted::<Time32SecondType>(array, json, |v, out| push_time(out, v.into(), 1))
        }
        T::Time32(_) => {
            quoted::<Time32MillisecondType>(array, json, |v, out| push_time(out, v.into(), 1000))
        }
        T::Time64(TimeUnit::Microsecond) => {
            quoted::<Time64MicrosecondType>(array, json, |v, out| push_time(out, v, 1_000_000))
        }
        T::Time64(_) => {
            quoted::<Time64NanosecondType>(array, json, |v, out| push_time(out, v, 1_000_000_000))
        }
        T::Timestamp(unit, zone) => {
            let utc = zone.is_some();
            match unit {
                TimeUnit::Second => stamp::<TimestampSecondType>(array, json, 1, utc),
                TimeUnit::Millisecond => stamp::<TimestampMillisecondType>(array, json, 1000, utc),
                TimeUnit::Microsecond => {
                    stamp::<TimestampMicrosecondType>(array, json, 1_000_000, utc)
                }
                TimeUnit::Nanosecond => {
                    stamp::<TimestampNanosecondType>(array, json, 1_000_000_000, utc)
                }
            }
        }
        T::Interval(IntervalUnit::YearMonth) => {
            quoted::<IntervalYearMonthType>(array, json, |v, out| write!(out, "P{v}M"))
        }
        T::Interval(IntervalUnit::DayTime) => {
            quoted::<IntervalDayTimeType>(array, json, |v, out| {
                write!(out, "P{}DT", v.days)?;
                push_float(out, f64::from(v.milliseconds) / 1000.0)?;
                out.write_char('S')
            })
        }
        T::Utf8 => {
            let values = array.as_string::<i32>();
            Box::new(move |row, out| string(values.value(row), json, out))
        }
        T::LargeUtf8 => {
            let values = array.as_string::<i64>();
            Box::new(move |row, out| string(values.value(row), json, out))
        }
        T::Binary => {
            let values = array.as_binary::<i32>();
            Box::new(move |row, out| bytes(values.value(row), json, out))
        }
        T::LargeBinary => {
            let values = array.as_binary::<i64>();
            Box::new(move |row, out| bytes(values.value(row), json, out))
        }
        T::FixedSizeBinary(_) => {
            let values = array.as_fixed_size_binary();
            Box::new(move |row, out| bytes(values.value(row), json, out))
        }
        T::List(_) => {
            let list = array.as_list::<i32>();
            let offsets = list.value_offsets();
            items(list.values(), move |row| offsets[row] as usize..offsets[row + 1] as usize)?
        }
        T::LargeList(_) => {
            let list = array.as_list::<i64>();
            let offsets = list.value_offsets();
            items(list.values(), move |row| offsets[row] as usize..offsets[row + 1] as usize)?
        }
        T::FixedSizeList(_, length) => {
            let length = *length as usize;
            let list = array.as_fixed_size_list();
            items(list.values(), move |row| row * length..(row + 1) * length)?
        }
        T::Struct(fields) => {
            let mut members = Vec::new();
            for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                members.push((field.name(), column, text_of(column, true)?));
            }
            Box::new(move |row, out| {
                for (at, (name, column, text)) in members.iter().enumerate() {
                    out.push(if at == 0 { '{' } else { ',' });
                    json_string(name, out)?;
                    out.push(':');
                    or_null(column, text, row, out)?;
                }
                out.push_str(if members.is_empty() { "{}" } else { "}" });
                Ok(())
            })
        }
        T::Map(..) => {
            let map = array.as_map();
            let offsets = map.value_offsets();
            let (keys, values) = (text_of(map.keys(), false)?, text_of(map.values(), true)?);
            Box::new(move |row, out| {
                let mut key = String::new();
                out.push('{');
                for at in offsets[row] as usize..offsets[row + 1] as usize {
                    if at > offsets[row] as usize {
                        out.push(',');
                    }
                    key.clear();
                    keys(at, &mut key)?;
                    json_string(&key, out)?;
                    out.push(':');
                    or_null(map.values(), &values, at, out)?;
                }
                out.push('}');
                Ok(())
            })
        }
        _ => return None,
    })
}

fn primitive<'a, P: ArrowPrimitiveType>(
    array: &'a dyn Array,
    text: impl Fn(P::Native, &mut String) -> fmt::Result + 'a,
) -> Text<'a> {
    let values = array.as_primitive::<P>();
    Box::new(move |row, out| text(values.value(row), out))
}

fn number<P: ArrowPrimitiveType<Native: fmt::Display>>(array: &dyn Array) -> Text<'_> {
    let values = array.as_primitive::<P>();
    Box::new(|row, out| write!(out, "{}", values.value(row)))
}

fn decimal<P: ArrowPrimitiveType + DecimalType>(array: &dyn Array) -> Text<'_> {
    let values = array.as_primitive::<P>();
    Box::new(|row, out| out.write_str(&values.value_as_string(row)))
}

/// A value whose text JSON knows only as a string.
fn quoted<'a, P: ArrowPrimitiveType>(
    array: &'a dyn Array,
    json: bool,
    text: impl Fn(P::Native, &mut String) -> fmt::Result + 'a,
) -> Text<'a> {
    primitive::<P>(array, move |value, out| {
        if json {
            out.push('"');
        }
        text(value, out)?;
        if json {
            out.push('"');
        }
        Ok(())
    })
}

fn stamp<P: ArrowPrimitiveType<Native = i64>>(
    array: &dyn Array,
    json: bool,
    unit: i64,
    utc: bool,
) -> Text<'_> {
    quoted::<P>(array, json, move |value, out| {
        push_stamp(out, value, unit)?;
        if utc {
            out.push('Z');
        }
        Ok(())
    })
}

fn items<'a>(
    values: &'a ArrayRef,
    range: impl Fn(usize) -> std::ops::Range<usize> + 'a,
) -> Option<Text<'a>> {
    let text = text_of(values, true)?;
    Some(Box::new(move |row, out| {
        out.push('[');
        for (nth, at) in range(row).enumerate() {
            if nth > 0 {
                out.push(',');
            }
            or_null(values, &text, at, out)?;
        }
        out.push(']');
        Ok(())
    }))
}

fn or_null(values: &ArrayRef, text: &Text, row: usize, out: &mut String) -> fmt::Result {
    if values.is_null(row) { out.write_str("null") } else { text(row, out) }
}

fn float(value: f64, json: bool, out: &mut String) -> fmt::Result {
    if json && !value.is_finite() { write!(out, "\"{value}\"") } else { push_float(out, value) }
}

fn string(text: &str, json: bool, out: &mut String) -> fmt::Result {
    if json { json_string(text, out) } else { out.write_str(text) }
}

fn bytes(bytes: &[u8], json: bool, out: &mut String) -> fmt::Result {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return string(text, json, out);
    }
    let mark = if json { "\"" } else { "" };
    out.push_str(mark);
    for byte in bytes {
        write!(out, "{byte:02x}")?;
    }
    out.write_str(mark)
}

fn json_string(text: &str, out: &mut String) -> fmt::Result {
    out.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}
