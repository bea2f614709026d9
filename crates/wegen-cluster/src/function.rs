//! The function as Ballista sees it: a scalar function over the table of members, and how it is
//! written into a plan.

use std::fmt::{Debug, Formatter};
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ballista_core::serde::BallistaPhysicalExtensionCodec;
use datafusion::arrow::array::{
    ArrayRef, AsArray, LargeBinaryArray, LargeBinaryBuilder, ListArray, RecordBatch, UInt64Array,
};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Schema, UInt64Type};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::config::ConfigOptions;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};

use crate::version::Version;
use crate::{Member, Work};

const NAME: &str = "wegen_work";
/// First byte of a result: what follows are the bytes of the member, or the words of its error.
const DONE: u8 = 0;
const FAILED: u8 = 1;

/// The bytes of a member, or why there are none.
pub(crate) type Outcome = std::result::Result<Vec<u8>, String>;

/// The plan of one batch: members dealt out over parts, and the function over each row.
pub(crate) fn plan(
    version: &Version,
    job: &Arc<[u8]>,
    members: &[&Member],
    parts: usize,
) -> Result<Arc<dyn ExecutionPlan>> {
    let item = Arc::new(Field::new_list_field(DataType::Float64, true));
    let schema = Arc::new(Schema::new(vec![
        Field::new("number", DataType::UInt64, false),
        Field::new("parameters", DataType::List(item), false),
    ]));
    let part = members.len().div_ceil(parts.max(1)).max(1);
    let mut tables = Vec::new();
    for members in members.chunks(part) {
        let numbers = UInt64Array::from_iter_values(members.iter().map(|member| member.number));
        let parameters = ListArray::from_iter_primitive::<Float64Type, _, _>(
            members.iter().map(|member| Some(member.parameters.iter().copied().map(Some))),
        );
        let columns: Vec<ArrayRef> = vec![Arc::new(numbers), Arc::new(parameters)];
        tables.push(vec![RecordBatch::try_new(schema.clone(), columns)?]);
    }
    let table = MemorySourceConfig::try_new_exec(&tables, schema, None)?;

    let number: Arc<dyn PhysicalExpr> = Arc::new(Column::new("number", 0));
    let function = ScalarUDF::new_from_impl(Function::new(version.clone(), job.clone(), None));
    let result: Arc<dyn PhysicalExpr> = Arc::new(ScalarFunctionExpr::new(
        NAME,
        Arc::new(function),
        vec![number.clone(), Arc::new(Column::new("parameters", 1))],
        Arc::new(Field::new("result", DataType::LargeBinary, false)),
        Arc::new(ConfigOptions::default()),
    ));
    let columns = [(number, "number".to_owned()), (result, "result".to_owned())];
    Ok(Arc::new(ProjectionExec::try_new(columns, table)?))
}

/// Reads what an executor sent.
pub(crate) fn outcomes(batch: &RecordBatch) -> Result<Vec<(u64, Outcome)>> {
    let numbers = batch.column_by_name("number").and_then(|column| column.as_primitive_opt::<UInt64Type>());
    let results = batch.column_by_name("result").and_then(|column| column.as_binary_opt::<i64>());
    let (Some(numbers), Some(results)) = (numbers, results) else {
        return exec_err!("the result has other columns than `number` and `result`");
    };
    let rows = numbers.values().iter().zip(results.iter());
    rows.map(|(number, result)| match result.and_then(<[u8]>::split_first) {
        Some((&DONE, bytes)) => Ok((*number, Ok(bytes.to_vec()))),
        Some((&FAILED, words)) => Ok((*number, Err(String::from_utf8_lossy(words).into_owned()))),
        _ => exec_err!("the result of member {number} can not be read"),
    })
    .collect()
}

/// The function with what is the same for all members. Only executors have a `work`.
struct Function {
    version: Version,
    job: Arc<[u8]>,
    work: Option<Work>,
    signature: Signature,
}

impl Function {
    fn new(version: Version, job: Arc<[u8]>, work: Option<Work>) -> Self {
        Self { version, job, work, signature: Signature::any(2, Volatility::Immutable) }
    }

    /// A member that fails, or panics, is a result like others: the cluster is not to try it again.
    fn member(&self, work: Work, number: u64, parameters: &[f64]) -> Outcome {
        let run = AssertUnwindSafe(|| work(&self.job, number, parameters));
        catch_unwind(run).unwrap_or_else(|panic| {
            let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
            Err(format!("panicked: {}", words.unwrap_or_default()))
        })
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::LargeBinary)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(work) = self.work else {
            return exec_err!("only an executor runs the function");
        };
        let columns = ColumnarValue::values_to_arrays(&arguments.args)?;
        let [numbers, parameters] = columns.as_slice() else {
            return exec_err!("the function takes a number and parameters");
        };
        let (Some(numbers), Some(parameters)) =
            (numbers.as_primitive_opt::<UInt64Type>(), parameters.as_list_opt::<i32>())
        else {
            return exec_err!("the function takes a number and a list of parameters");
        };
        let mut results = LargeBinaryBuilder::new();
        for row in 0..numbers.len() {
            let parameters = parameters.value(row);
            let Some(parameters) = parameters.as_primitive_opt::<Float64Type>() else {
                return exec_err!("parameters are numbers with a point");
            };
            let mut result = vec![DONE];
            match self.member(work, numbers.value(row), parameters.values()) {
                Ok(bytes) => result.extend_from_slice(&bytes),
                Err(words) => {
                    result[0] = FAILED;
                    result.extend_from_slice(words.as_bytes());
                }
            }
            results.append_value(&result);
        }
        let results: LargeBinaryArray = results.finish();
        Ok(ColumnarValue::Array(Arc::new(results)))
    }
}

/// Plans are printed in logs, the job is not.
impl Debug for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{NAME} {} ({} bytes)", self.version, self.job.len())
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version && self.job == other.job
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.version.hash(state);
        self.job.hash(state);
    }
}

/// Writes the function into a plan as version and job, and puts the code to it when it is read.
/// What is not ours is left to Ballista.
#[derive(Debug)]
pub(crate) struct Codec {
    part: &'static str,
    version: Version,
    work: Option<Work>,
    inner: BallistaPhysicalExtensionCodec,
}

impl Codec {
    pub(crate) fn new(part: &'static str, version: Version, work: Option<Work>) -> Self {
        Self { part, version, work, inner: BallistaPhysicalExtensionCodec::default() }
    }
}

impl PhysicalExtensionCodec for Codec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.inner.try_decode(bytes, inputs, context, converter)
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        bytes: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        self.inner.try_encode(node, bytes, converter)
    }

    fn try_encode_udf(&self, node: &ScalarUDF, bytes: &mut Vec<u8>) -> Result<()> {
        let Some(function) = node.inner().downcast_ref::<Function>() else {
            return self.inner.try_encode_udf(node, bytes);
        };
        let version = function.version.as_str().as_bytes();
        let length =
            u8::try_from(version.len()).map_err(|_| exec_datafusion_err!("the version is too long"))?;
        bytes.push(length);
        bytes.extend_from_slice(version);
        bytes.extend_from_slice(&function.job);
        Ok(())
    }

    fn try_decode_udf(&self, name: &str, bytes: &[u8]) -> Result<Arc<ScalarUDF>> {
        if name != NAME {
            return self.inner.try_decode_udf(name, bytes);
        }
        let cut = || exec_datafusion_err!("the plan is cut off");
        let (length, bytes) = bytes.split_first().ok_or_else(cut)?;
        let (version, job) = bytes.split_at_checked(usize::from(*length)).ok_or_else(cut)?;
        if version != self.version.as_str().as_bytes() {
            return Err(DataFusionError::Execution(format!(
                "the plan has version `{}`, the {} has version {}: start both from the same program",
                String::from_utf8_lossy(version),
                self.part,
                self.version
            )));
        }
        let function = Function::new(self.version.clone(), job.into(), self.work);
        Ok(Arc::new(ScalarUDF::new_from_impl(function)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::physical_plan::collect;
    use datafusion_proto::physical_plan::AsExecutionPlan;
    use datafusion_proto::protobuf::PhysicalPlanNode;

    fn echo(job: &[u8], member: u64, parameters: &[f64]) -> std::result::Result<Vec<u8>, String> {
        match member {
            7 => Err("seven".to_owned()),
            8 => panic!("eight"),
            _ => Ok([job, &parameters.iter().flat_map(|p| p.to_bits().to_le_bytes()).collect::<Vec<_>>()]
                .concat()),
        }
    }

    fn version(text: &str) -> Version {
        Version::new(text).unwrap()
    }

    fn sent(members: &[Member], codec: &Codec) -> Result<Arc<dyn ExecutionPlan>> {
        let members: Vec<&Member> = members.iter().collect();
        let job: Arc<[u8]> = b"job".as_slice().into();
        let plan = plan(&version("1.0"), &job, &members, 2).unwrap();
        let client = Codec::new("client", version("1.0"), None);
        let message = PhysicalPlanNode::try_from_physical_plan(plan, &client).unwrap();
        message.try_into_physical_plan(&TaskContext::default(), codec)
    }

    #[test]
    fn a_plan_of_another_version_is_refused() {
        let members = [Member { number: 1, parameters: vec![] }];
        let error = sent(&members, &Codec::new("executor", version("1.1"), Some(echo))).unwrap_err();
        let words = error.to_string();
        assert!(words.contains("`1.0`") && words.contains("`1.1`"), "{words}");
    }

    #[test]
    fn parameters_arrive_bit_for_bit_and_failures_are_results() {
        let odd = f64::from_bits(0x7ff8_0000_0000_1234);
        let members: Vec<Member> = (5..10)
            .map(|number| Member {
                number,
                parameters: vec![odd, -0.0, 1e-320][..number as usize % 4].to_vec(),
            })
            .collect();
        let plan = sent(&members, &Codec::new("executor", version("1.0"), Some(echo))).unwrap();
        assert_eq!(plan.properties().output_partitioning().partition_count(), 2);
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let batches = runtime.block_on(collect(plan, Arc::default())).unwrap();
        let mut found: Vec<_> = batches.iter().flat_map(|batch| outcomes(batch).unwrap()).collect();
        found.sort_by_key(|row| row.0);
        for ((number, outcome), member) in found.iter().zip(&members) {
            assert_eq!(*number, member.number);
            match number {
                7 => assert_eq!(outcome, &Err("seven".to_owned())),
                8 => assert_eq!(outcome, &Err("panicked: eight".to_owned())),
                _ => assert_eq!(outcome, &echo(b"job", *number, &member.parameters)),
            }
        }
        assert_eq!(found.len(), members.len());
    }
}
