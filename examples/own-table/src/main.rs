//! An application that had a `users` table before it had SCIM, and keeps it: axum and SQLite.
//!
//! Filters and orders run on the columns of the table, and an update compares the revision that was read.

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use axum::{Router, extract::State, routing::get};
use rusqlite::{Connection, ErrorCode, Row, functions::FunctionFlags, params};
use rusqlite::{Params, params_from_iter, types::Value as Cell};
use scim_engine::core::{Document, Field, Registry, ResourceType, schema, text::Folding};
use scim_engine::store::TenantId;
use scim_engine::{Caller, RequestContext, Table, TableEngine, TableError, TablePage, TableRow};
use scim_http::{Grant, HttpConfig, Principal, ScimService, StaticTokens, Token};
use scim_sql::{Columns, Param, Sql, Sqlite, Value as Column, lower, lower_order};
use serde_json::json;

type Result<T, E = TableError> = std::result::Result<T, E>;
type Read<T> = fn(&Row<'_>) -> rusqlite::Result<T>;

const TABLE: &str = "CREATE TABLE users (id TEXT PRIMARY KEY, login TEXT NOT NULL, staff_number TEXT,
        first_name TEXT, last_name TEXT, job TEXT, locked BOOLEAN, created INT, changed INT, revision INT);
    CREATE UNIQUE INDEX users_by_login ON users (UserName(login));";
const INSERT: &str = "INSERT INTO users VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9) RETURNING *";
const UPDATE: &str = "UPDATE users SET login = ?2, staff_number = ?3, first_name = ?4, last_name = ?5,
        job = ?6, locked = ?7, changed = max(changed, ?8), revision = revision + 1
    WHERE id = ?1 AND revision = ?9 RETURNING *";

/// The attributes that are texts, their columns, and how they are folded: by SQL functions of that name.
const TEXTS: [(&str, &str, Folding); 5] = [
    ("userName", "login", Folding::UserName),
    ("externalId", "staff_number", Folding::Exact),
    ("name.givenName", "first_name", Folding::CaseFolded),
    ("name.familyName", "last_name", Folding::CaseFolded),
    ("title", "job", Folding::CaseFolded),
];

/// The table as SQLite has it; quick enough to be waited for within a task.
#[derive(Clone)]
struct Users(Arc<Mutex<Connection>>);

impl Users {
    fn open() -> rusqlite::Result<Self> {
        let database = Connection::open_in_memory()?;
        for folding in [Folding::UserName, Folding::Exact, Folding::CaseFolded] {
            let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
            database.create_scalar_function(format!("{folding:?}").as_str(), 1, flags, move |call| {
                Ok(call.get::<Option<String>>(0)?.map(|text| folding.fold(&text).into_owned()))
            })?;
        }
        database.execute_batch(TABLE)?;
        Ok(Self(Arc::new(Mutex::new(database))))
    }

    fn query<T>(&self, sql: &str, values: impl Params, read: Read<T>) -> Result<Vec<T>> {
        let database = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = || database.prepare_cached(sql)?.query_map(values, read)?.collect::<rusqlite::Result<_>>();
        rows().map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => TableError::Taken { attribute: "userName".into() },
            _ => TableError::Failed(error.into()),
        })
    }

    fn run<T>(&self, sql: Sql, read: Read<T>) -> Result<Vec<T>> {
        let (text, values) = sql.finish(&Sqlite);
        let values = values.into_iter().map(|value| match value {
            Param::Text(text) => Cell::Text(text),
            Param::Int(number) => Cell::Integer(number),
            Param::Real(number) => Cell::Real(number),
            Param::Bool(is) => Cell::Integer(is.into()),
        });
        self.query(&text, params_from_iter(values), read)
    }

    fn put(&self, sql: &str, id: &str, user: &Document, now: i64, revision: u64) -> Result<Option<TableRow>> {
        let user = json!(user.as_map());
        let text = |path: &str| user.pointer(&format!("/{}", path.replace('.', "/")))?.as_str();
        let [login, staff, first, last, job] = TEXTS.map(|(path, ..)| text(path));
        let locked = user["active"] == false;
        let row = params![id, login, staff, first, last, job, locked, now, revision.cast_signed()];
        Ok(self.query(sql, row, resource)?.pop())
    }
}

/// A row as the standard sees it.
fn resource(row: &Row<'_>) -> rusqlite::Result<TableRow> {
    let mut document = json!({ "active": !row.get::<_, bool>("locked")? });
    for (path, column, _) in TEXTS {
        match (row.get::<_, Option<String>>(column)?, path.split_once('.')) {
            (Some(text), None) => document[path] = json!(text),
            (Some(text), Some((name, part))) => document[name][part] = json!(text),
            (None, _) => {}
        }
    }
    let document = Document::from_canonical(document.as_object().cloned().unwrap_or_default());
    let (created, modified) = (row.get("created")?, row.get("changed")?);
    let version = row.get::<_, u32>("revision")?.into();
    Ok(TableRow { id: row.get("id")?, document, created, modified, version })
}

impl Columns for Users {
    fn id(&self) -> Column {
        Column::RequiredText(Sql::raw("id"))
    }

    fn created(&self) -> Column {
        Column::RequiredNumber(Sql::raw("created"))
    }

    fn modified(&self) -> Column {
        Column::RequiredNumber(Sql::raw("changed"))
    }

    fn field(&self, field: &Field) -> Column {
        let path = field.path();
        match TEXTS.iter().find(|text| text.0 == path) {
            Some(("userName", column, fold)) => Column::RequiredText(Sql::raw(format!("{fold:?}({column})"))),
            Some((_, column, fold)) => Column::Text(Sql::raw(format!("{fold:?}({column})"))),
            None if path == "active" => Column::Bool(Sql::raw("NOT locked")),
            None => Column::Absent,
        }
    }
}

impl Table for Users {
    async fn insert(&self, context: &RequestContext, _kind: &str, document: &Document) -> Result<TableRow> {
        let inserted = self.put(INSERT, &context.new_id, document, context.now, 1)?;
        inserted.ok_or_else(|| TableError::Failed("the row is not there".into()))
    }

    async fn find(&self, _tenant: &TenantId, _kind: &str, id: &str) -> Result<Option<TableRow>> {
        Ok(self.query("SELECT * FROM users WHERE id = ?1", [id], resource)?.pop())
    }

    async fn update(
        &self,
        context: &RequestContext,
        _kind: &str,
        id: &str,
        document: &Document,
        replaces: u64,
    ) -> Result<Option<TableRow>> {
        self.put(UPDATE, id, document, context.now, replaces)
    }

    async fn delete(&self, _context: &RequestContext, _kind: &str, id: &str, replaces: u64) -> Result<bool> {
        let delete = "DELETE FROM users WHERE id = ?1 AND revision = ?2 RETURNING id";
        Ok(!self.query(delete, params![id, replaces.cast_signed()], |_| Ok(()))?.is_empty())
    }

    async fn select(
        &self,
        _tenant: &TenantId,
        _kind: &str,
        page: &TablePage,
    ) -> Result<(u64, Vec<TableRow>)> {
        let condition = lower(&page.predicate, self, &Sqlite).into_sql();
        let order = lower_order(page.order.as_ref(), self, &Sqlite);
        let total = Sql::template("SELECT count(*) FROM users WHERE {}", [condition.clone()]);
        let rows = Sql::template(
            "SELECT * FROM users WHERE {} ORDER BY {} LIMIT {} OFFSET {}",
            [condition, order, Sql::int(page.limit.into()), Sql::int(page.offset.cast_signed())],
        );
        let total = self.run(total, |row| row.get::<_, i64>(0))?.pop().unwrap_or_default();
        Ok((total.unsigned_abs(), self.run(rows, resource)?))
    }
}

/// The users that SCIM sees: of the standard's attributes those that the table has.
fn registry() -> Result<Registry, scim_engine::core::RegistryError> {
    let kept = |name: &str| name == "active" || TEXTS.iter().any(|it| it.0.split('.').any(|it| it == name));
    let mut user = schema::user();
    user.attributes.retain(|attribute| kept(&attribute.name));
    user.attributes.iter_mut().for_each(|attribute| attribute.sub_attributes.retain(|part| kept(&part.name)));
    let users = ResourceType::new("User", "/Users", schema::urn::USER);
    Registry::builder().schema(user).resource_type(users).build()
}

/// A page that the application had before.
async fn staff(State(users): State<Users>) -> String {
    let names = users.query("SELECT login FROM users ORDER BY login", [], |row| row.get::<_, String>(0));
    names.map_or_else(|error| error.to_string(), |names| names.join("\n"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}/scim/v2", listener.local_addr()?);
    let (users, token) = (Users::open()?, Token::generate()?);
    let client = Principal { tenant: TenantId::new("own")?, caller: Caller::default() };
    let tokens = StaticTokens::new([(token.hash(), Grant::new(client))]);
    let engine = TableEngine::new(users.clone(), registry()?, &base)?;
    let app = Router::new()
        .route("/staff", get(staff))
        .nest_service("/scim/v2", ScimService::new(Arc::new(engine), tokens, HttpConfig::default()))
        .with_state(users);
    let ready = json!({ "ready": true, "base_url": base, "token": token.reveal() });
    writeln!(std::io::stdout(), "{ready}")?;
    Ok(axum::serve(listener, app).await?)
}
