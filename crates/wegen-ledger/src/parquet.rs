//! A table as Apache Parquet: a column of text or numbers each, written directly.

use std::sync::Arc;

use parquet::{
    basic::{LogicalType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};

use crate::LedgerError;

/// The rows as one row group; an empty text is null.
pub(crate) fn table(fields: &[(&str, &str)], rows: &[Vec<String>]) -> Result<Vec<u8>, LedgerError> {
    write(fields, rows).map_err(|e| LedgerError::Damaged(format!("parquet: {e}")))
}

fn write(fields: &[(&str, &str)], rows: &[Vec<String>]) -> Result<Vec<u8>, ParquetError> {
    let column = |&(name, kind): &(&str, &str)| {
        let (physical, logical) = match kind {
            "number" => (Physical::DOUBLE, None),
            "integer" => (Physical::INT64, None),
            _ => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        builder.with_logical_type(logical).build().map(Arc::new)
    };
    let columns = fields.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(Type::group_type_builder("record").with_fields(columns).build()?);
    let properties = Arc::new(WriterProperties::builder().set_created_by("wegen".into()).build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties)?;
    let mut group = writer.next_row_group()?;
    for (i, (_, kind)) in fields.iter().enumerate() {
        let texts = || rows.iter().map(move |row| row[i].as_str());
        let levels: Vec<i16> = texts().map(|t| i16::from(!t.is_empty())).collect();
        let held = || texts().filter(|t| !t.is_empty());
        let wrong = |t: &str| ParquetError::General(format!("`{t}` is not a number"));
        let Some(mut column) = group.next_column()? else { break };
        match *kind {
            "number" => {
                let values =
                    held().map(|t| t.parse().map_err(|_| wrong(t))).collect::<Result<Vec<f64>, _>>()?;
                column.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?;
            }
            "integer" => {
                let values =
                    held().map(|t| t.parse().map_err(|_| wrong(t))).collect::<Result<Vec<i64>, _>>()?;
                column.typed::<Int64Type>().write_batch(&values, Some(&levels), None)?;
            }
            _ => {
                let values: Vec<ByteArray> = held().map(ByteArray::from).collect();
                column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
            }
        }
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    #[test]
    fn rows_read_back_and_what_is_missing_is_null() {
        let fields = [("place", "string"), ("value", "number"), ("line", "integer")];
        let rows = [["SYR", "1.5", "2"], ["", "", "3"]].map(|r| r.map(String::from).to_vec());
        let bytes = bytes::Bytes::from(super::table(&fields, &rows).unwrap());
        let reader = SerializedFileReader::new(bytes).unwrap();
        let read: Vec<String> = reader.get_row_iter(None).unwrap().map(|r| r.unwrap().to_string()).collect();
        assert_eq!(read, ["{place: \"SYR\", value: 1.5, line: 2}", "{place: null, value: null, line: 3}"]);
    }
}
