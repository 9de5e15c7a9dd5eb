//! A bulk request, read: what each operation wants, what it needs of others, and in which order to go.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use scim_core::message::BulkMethod;
use scim_core::schema::urn;
use scim_core::{Problem, Registry, ScimType, TypeDef};
use serde_json::{Map, Value};

use super::late::is_firm;
use super::mention::{Made, Mention, name_in};
use super::order::{Need, Step, steps};
use super::places::{attributes, in_body, in_patch, in_value};
use super::{path, places};

/// A bulk request that can be carried out ([RFC 7644 §3.7]).
///
/// [RFC 7644 §3.7]: https://www.rfc-editor.org/rfc/rfc7644#section-3.7
#[derive(Clone, Debug)]
pub struct BulkPlan {
    pub(crate) operations: Vec<Operation>,
    pub(crate) steps: Vec<Step>,
    /// After how many failures nothing more is done.
    pub(crate) fail_on_errors: Option<u64>,
    /// Which operation has which bulkId.
    pub(crate) creators: HashMap<String, usize>,
}

/// One operation, as far as it can be understood.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) method: BulkMethod,
    pub(crate) bulk_id: Option<String>,
    /// The resource that its path names, if it is of a known type: the type, and an id or `bulkId:` and a
    /// name.
    pub(crate) resource: Option<(String, String)>,
    /// What it is to do, or why it cannot be done.
    pub(crate) work: Result<Work, Problem>,
    pub(crate) needs: Vec<Need>,
}

/// What an operation is to do.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) def: Arc<TypeDef>,
    pub(crate) task: Task,
    pub(crate) version: Option<String>,
    /// The body, with its bulkIds; empty for a DELETE.
    pub(crate) data: Map<String, Value>,
}

/// What is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Task {
    Create,
    Replace,
    Patch,
    Delete,
}

impl BulkPlan {
    /// Reads the body of a bulk request. What is wrong with single operations is kept for their answers
    /// (7644-3.7-03 to 7644-3.7-06).
    ///
    /// # Errors
    ///
    /// Returns 400 when it is no such message, and 413 when it holds more than `most` operations
    /// (7644-3.7-02, 7644-3.7-13, 7644-3.7.4-01).
    pub fn read(body: Map<String, Value>, registry: &Registry, most: u64) -> Result<Self, Problem> {
        let Message { list, fail_on_errors } = message(body)?;
        let count = u64::try_from(list.len()).unwrap_or(u64::MAX);
        if count > most {
            let detail =
                format!("the request holds {count} operations, and at most {most} are taken: send several");
            return Err(Problem::plain(413, detail));
        }
        let mut operations: Vec<Operation> =
            list.into_iter().map(|operation| read_operation(operation, registry)).collect();
        let creators = name_creators(&mut operations);
        for operation in &mut operations {
            operation.find_needs(&creators, registry);
        }
        let needs: Vec<Vec<Need>> =
            operations.iter_mut().map(|operation| std::mem::take(&mut operation.needs)).collect();
        let steps = steps(&needs);
        operations.iter_mut().zip(needs).for_each(|(operation, needs)| operation.needs = needs);
        Ok(Self { operations, steps, fail_on_errors, creators })
    }

    /// How many operations it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Whether it holds none, which no request does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }
}

impl Operation {
    /// Finds the operations whose resources this one names (7644-3.7.2-04 for those that do not exist).
    fn find_needs(&mut self, creators: &HashMap<String, usize>, registry: &Registry) {
        let Ok(work) = &mut self.work else { return };
        let mut needs: BTreeMap<usize, bool> = BTreeMap::new();
        let mut unknown: Option<String> = None;
        let mut note = |name: &str, firm: bool| match creators.get(name) {
            Some(on) => *needs.entry(*on).or_default() |= firm,
            None if unknown.is_none() => unknown = Some(shown(name)),
            None => {}
        };
        if let Some(name) = self.resource.as_ref().and_then(|(_, id)| name_in(id)) {
            note(name, true);
        }
        if work.task == Task::Create {
            attributes(&work.def, &mut work.data, &mut |target, value| {
                let firm = is_firm(target);
                in_value(target, value, &mut |text, holds| {
                    if let Some(mention) = Mention::find(text, holds, registry) {
                        note(mention.name, firm);
                    }
                });
                true
            });
        } else {
            work.visit(&mut |text, holds| {
                if let Some(mention) = Mention::find(text, holds, registry) {
                    note(mention.name, true);
                }
            });
        }
        if let Some(name) = unknown {
            let detail = format!(
                "`bulkId:{name}` refers to nothing: no POST of this request has the `bulkId` {name:?}"
            );
            self.work = Err(Problem::bad_request(ScimType::InvalidValue, detail));
            return;
        }
        self.needs = needs.into_iter().map(|(on, firm)| Need { on, firm }).collect();
    }
}

impl Work {
    fn visit(&mut self, visit: &mut places::Visit<'_>) {
        match self.task {
            Task::Create | Task::Replace => in_body(&self.def, &mut self.data, visit),
            Task::Patch => in_patch(&self.def, &mut self.data, visit),
            Task::Delete => {}
        }
    }

    /// Puts ids and URIs in the place of bulkIds (7644-3.7.2-01).
    pub(crate) fn resolve<'m>(&mut self, registry: &Registry, made: &dyn Fn(&str) -> Option<&'m Made>) {
        self.visit(&mut |text, holds| {
            let resolved = Mention::find(text, holds, registry)
                .and_then(|mention| Some(mention.resolved(holds, made(mention.name)?)));
            if let Some(resolved) = resolved {
                *text = resolved;
            }
        });
    }
}

/// A bulkId as it may stand in a message.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(64).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

struct Message {
    list: Vec<Value>,
    fail_on_errors: Option<u64>,
}

fn message(body: Map<String, Value>) -> Result<Message, Problem> {
    let (mut schemas, mut operations, mut fail_on_errors) = (None, None, None);
    for (key, value) in body {
        match key.to_ascii_lowercase().as_str() {
            "schemas" => schemas = Some(value),
            "operations" => operations = Some(value),
            "failonerrors" => fail_on_errors = Some(value),
            _ => {}
        }
    }
    let is_bulk = |uri: &Value| uri.as_str().is_some_and(|uri| uri.eq_ignore_ascii_case(urn::BULK_REQUEST));
    if !schemas.as_ref().and_then(Value::as_array).is_some_and(|uris| uris.iter().any(is_bulk)) {
        return Err(syntax(format!("`schemas` of a bulk request must be [\"{}\"]", urn::BULK_REQUEST)));
    }
    let list = match operations {
        Some(Value::Array(list)) if !list.is_empty() => list,
        _ => return Err(syntax("`Operations` must be a list of at least one operation")),
    };
    let fail_on_errors = match fail_on_errors {
        None | Some(Value::Null) => None,
        Some(value) => match value.as_u64() {
            Some(count) if count > 0 => Some(count),
            _ => {
                let detail = "`failOnErrors` must be a whole number of at least 1";
                return Err(Problem::bad_request(ScimType::InvalidValue, detail));
            }
        },
    };
    Ok(Message { list, fail_on_errors })
}

fn syntax(detail: impl Into<String>) -> Problem {
    Problem::bad_request(ScimType::InvalidSyntax, detail)
}

/// The parts of an operation, as they were sent.
#[derive(Default)]
struct Parts {
    method: Option<Value>,
    bulk_id: Option<Value>,
    version: Option<Value>,
    path: Option<Value>,
    data: Option<Value>,
}

fn read_operation(operation: Value, registry: &Registry) -> Operation {
    let nothing = || BulkMethod::Other(String::new());
    let Value::Object(map) = operation else {
        let work = Err(syntax("an operation must be an object with `method`, `path` and `data`"));
        return Operation { method: nothing(), bulk_id: None, resource: None, work, needs: Vec::new() };
    };
    let mut parts = Parts::default();
    for (key, value) in map {
        match key.to_ascii_lowercase().as_str() {
            "method" => parts.method = Some(value),
            "bulkid" => parts.bulk_id = Some(value),
            "version" => parts.version = Some(value),
            "path" => parts.path = Some(value),
            "data" => parts.data = Some(value),
            _ => {}
        }
    }
    let method = match parts.method.take() {
        Some(Value::String(method)) => BulkMethod::from(method),
        _ => nothing(),
    };
    let bulk_id = parts.bulk_id.as_ref().and_then(Value::as_str).map(str::to_owned);
    let path = parts.path.as_ref().and_then(Value::as_str).and_then(|path| path::read(path, registry));
    let resource = match &path {
        Some((def, Some(id))) if method != BulkMethod::Post => Some((def.name().to_owned(), id.to_string())),
        _ => None,
    };
    let def =
        path.filter(|(_, id)| id.is_none() == (method == BulkMethod::Post)).map(|(def, _)| Arc::clone(def));
    let work = read_work(&method, def, parts);
    Operation { method, bulk_id, resource, work, needs: Vec::new() }
}

/// What the operation is to do; `def` is the resource type, if the path is of the right shape.
fn read_work(method: &BulkMethod, def: Option<Arc<TypeDef>>, parts: Parts) -> Result<Work, Problem> {
    let task = match method {
        BulkMethod::Post => Task::Create,
        BulkMethod::Put => Task::Replace,
        BulkMethod::Patch => Task::Patch,
        BulkMethod::Delete => Task::Delete,
        BulkMethod::Other(_) => return Err(syntax("`method` must be POST, PUT, PATCH or DELETE")),
    };
    let creates = task == Task::Create;
    match parts.bulk_id {
        Some(Value::String(name)) if !name.is_empty() || !creates => {}
        None | Some(Value::Null) if !creates => {}
        _ if creates => return Err(syntax("a POST needs a `bulkId`: a text of the client's own")),
        _ => return Err(syntax("`bulkId` must be a string")),
    }
    let version = match parts.version {
        None | Some(Value::Null) => None,
        Some(Value::String(version)) => Some(version),
        Some(_) => return Err(syntax("`version` must be a string")),
    };
    let Some(def) = def else {
        let expected = if creates {
            "the endpoint of a resource type, such as `/Users`"
        } else {
            "that of a resource, such as `/Users/{id}`"
        };
        return Err(syntax(format!("`path` of a {} must be {expected}", method.as_str())));
    };
    let data = match parts.data {
        _ if task == Task::Delete => Map::new(),
        Some(Value::Object(data)) => data,
        _ => return Err(syntax(format!("a {} needs `data`, an object", method.as_str()))),
    };
    Ok(Work { def, task, version, data })
}

/// Which POST has which bulkId; a POST with one that an earlier POST has is wrong (7644-3.7-04).
fn name_creators(operations: &mut [Operation]) -> HashMap<String, usize> {
    let mut creators = HashMap::new();
    for (index, operation) in operations.iter_mut().enumerate() {
        let (BulkMethod::Post, Some(name)) = (&operation.method, &operation.bulk_id) else { continue };
        if name.is_empty() {
            continue;
        }
        if creators.contains_key(name) {
            let detail = format!("another POST of this request has the `bulkId` {:?} already", shown(name));
            operation.work = Err(syntax(detail));
        } else {
            creators.insert(name.clone(), index);
        }
    }
    creators
}
