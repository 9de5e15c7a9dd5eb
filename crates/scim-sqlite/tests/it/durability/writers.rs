//! Sixteen writers that write as fast as they are answered, and what must be found after them.
//!
//! Each writer goes through the life of one user after the other: created in a group and counted,
//! renamed, taken out of the group, and every other one deleted. Each step is one batch, and leaves an
//! event with a token in both streams.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use scim_core::{Document, Registry};
use scim_engine::plain_registry;
use scim_engine::store::{
    Batch, ClaimKey, CounterKey, LinkKey, OnLimit, PutRecord, ReadKey, ReadValue, Record, RecordKey,
    RecordRef, Space, Store, Stream, TenantId, Write, indexed_values,
};
use scim_sqlite::{Expected, SqliteOptions, SqliteStore};
use serde_json::{Value, json};

/// The variable that makes a test a writer.
pub(super) const FOLDER: &str = "SCIM_WRITERS";

/// What an answer begins with on standard output.
pub(super) const ANSWER: &str = "acknowledged ";

/// How a token looks, wherever it is written.
pub(super) mod token {
    pub(in super::super) const START: &str = "token-";
    pub(in super::super) const END: &str = ".";
}

/// How many steps the life of a user has.
const LIFE: usize = 4;

/// What a child is to do.
pub(super) struct Plan {
    pub(super) folder: PathBuf,
    pub(super) round: u64,
    pub(super) writers: usize,
    pub(super) steps: usize,
    pub(super) flushed: bool,
}

impl Plan {
    pub(super) fn to_environment(&self) -> String {
        let folder = self.folder.display();
        format!("{} {} {} {} {folder}", self.round, self.writers, self.steps, self.flushed)
    }

    pub(super) fn from_environment() -> Option<Self> {
        let text = std::env::var(FOLDER).ok()?;
        let mut parts = text.splitn(5, ' ');
        let mut next = || parts.next().expect("a plan has five parts");
        Some(Self {
            round: next().parse().expect("a number"),
            writers: next().parse().expect("a number"),
            steps: next().parse().expect("a number"),
            flushed: next().parse().expect("true or false"),
            folder: next().into(),
        })
    }

    /// Writes until all steps are done, or the process is killed.
    pub(super) fn run(&self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
        runtime.expect("a runtime").block_on(self.write());
    }

    async fn write(&self) {
        let mut options = SqliteOptions::default();
        if !self.flushed {
            options = options.without_flushes();
        }
        let store = SqliteStore::open(self.folder.join("scim.db"), &options).expect("a store");
        let group =
            PutRecord { name: Some("All".into()), ..put("Group", "all", json!({ "displayName": "All" })) };
        let ensure = Write::Ensure(Box::new(group));
        store.commit(Batch { now: 1, guards: Vec::new(), writes: vec![ensure] }).await.expect("a group");
        let writers: Vec<_> = (0..self.writers)
            .map(|writer| {
                let (store, round, steps) = (store.clone(), self.round, self.steps);
                tokio::spawn(async move {
                    for step in 0..steps {
                        let step = Step { round, writer, step };
                        store.commit(step.batch()).await.expect("nothing stands against it");
                        // One system call, so that a line is there as a whole or not at all.
                        let line = format!("{ANSWER}{}\n", step.token());
                        std::io::stdout().lock().write_all(line.as_bytes()).expect("a pipe");
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("a writer that does not panic");
        }
    }
}

/// One step of one writer in one round.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Step {
    round: u64,
    writer: usize,
    step: usize,
}

/// What a user looks like after a step.
#[derive(Debug, PartialEq)]
struct User {
    version: u64,
    title: String,
    member: bool,
}

impl Step {
    fn token(self) -> String {
        format!("{}{}-{}-{}{}", token::START, self.round, self.writer, self.step, token::END)
    }

    fn from_token(text: &str) -> Self {
        let inner = text.trim().trim_start_matches(token::START).trim_end_matches(token::END);
        let numbers: Vec<usize> = inner.split('-').map(|n| n.parse().expect("a number")).collect();
        let [round, writer, step] = numbers[..] else { panic!("{text} is no token") };
        Self { round: round as u64, writer, step }
    }

    fn id(self) -> String {
        format!("u-{}-{}-{}", self.round, self.writer, self.step / LIFE)
    }

    fn user_name(self, renamed: bool) -> String {
        format!("{}{}@example.com", if renamed { "New-" } else { "Old-" }, self.id())
    }

    /// Whether the user is one of those that are deleted in the end.
    fn goes(self) -> bool {
        (self.step / LIFE).is_multiple_of(2)
    }

    /// The user after this step; none once deleted.
    fn user(self) -> Option<User> {
        let user = |version, member| User { version, title: self.token(), member };
        match self.step % LIFE {
            0 => Some(user(1, true)),
            1 => Some(user(2, true)),
            2 => Some(user(3, false)),
            _ if self.goes() => None,
            _ => Some(user(4, false)),
        }
    }

    fn record(self) -> PutRecord {
        let name = self.user_name(!self.step.is_multiple_of(LIFE));
        let document =
            json!({ "userName": name, "title": self.token(), "emails": [{ "value": name, "type": "work" }] });
        PutRecord { name: Some(name), ..put("User", &self.id(), document) }
    }

    fn batch(self) -> Batch {
        let space = space();
        let record = RecordRef::new("User", &self.id());
        let claim = |renamed| claim(&self.user_name(renamed));
        let put = |replaces| Write::Put { record: Box::new(self.record()), replaces };
        let link = LinkKey {
            space: space.clone(),
            relation: "member",
            owner: RecordRef::new("Group", "all"),
            member: record.clone(),
        };
        let seats = |by| Write::Add {
            counter: CounterKey { space: space.clone(), name: "seats" },
            by,
            on_limit: OnLimit::Refuse,
        };
        let mut writes = match self.step % LIFE {
            0 => vec![put(None), Write::Claim(claim(false), record), Write::Link(link), seats(1)],
            1 => vec![
                put(Some(1)),
                Write::Release(claim(false), record.clone()),
                Write::Claim(claim(true), record),
            ],
            2 => vec![put(Some(2)), Write::Unlink(link)],
            _ if self.goes() => {
                let key = RecordKey { space: space.clone(), record: record.clone() };
                vec![Write::Release(claim(true), record), Write::Delete { key, replaces: 3 }, seats(-1)]
            }
            _ => vec![put(Some(3))],
        };
        for stream in [Stream::Log, Stream::Outbox] {
            writes.push(Write::Append { space: space.clone(), stream, body: json!(self.token()) });
        }
        Batch { now: 1_000 + self.step as i64, guards: Vec::new(), writes }
    }
}

fn space() -> Space {
    TenantId::new("precious-asteroid").expect("letters").space()
}

fn claim(user_name: &str) -> ClaimKey {
    let value = scim_core::text::Folding::UserName.fold(user_name).into_owned();
    ClaimKey { space: space(), name: "User:userName".into(), value }
}

static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| plain_registry().expect("types that contradict nothing"));

fn put(kind: &str, id: &str, document: Value) -> PutRecord {
    let Value::Object(document) = document else { panic!("a document is an object") };
    let document = Document::from_canonical(document);
    let form = REGISTRY.type_named(kind).expect("a type").match_form(&document);
    PutRecord {
        key: RecordKey::new(&space(), kind, id),
        visible: true,
        name: None,
        indexed: indexed_values(&form),
        document,
        extra: serde_json::Map::new(),
        form,
    }
}

/// What goes with a record.
pub(super) fn expected(record: &Record) -> Option<Expected> {
    let form = REGISTRY.type_named(&record.key.record.kind)?.match_form(&record.document);
    let user_name = record.document.text("userName");
    Some(Expected {
        form,
        claims: user_name.map(claim).into_iter().collect(),
        counted: user_name.map(|_| ("seats", 1)).into_iter().collect(),
        ..Expected::default()
    })
}

/// The tokens of a stream, in order of position.
pub(super) async fn events(store: &SqliteStore, stream: Stream) -> Vec<String> {
    let key = ReadKey::Events { space: space(), stream, after: 0, limit: usize::MAX };
    match store.read(vec![key]).await.expect("events").remove(0) {
        ReadValue::Events(events) => {
            assert!(events.is_sorted_by(|one, next| one.position < next.position));
            events.into_iter().map(|event| event.body.as_str().expect("a token").to_owned()).collect()
        }
        other => panic!("events were asked, not {other:?}"),
    }
}

/// The last step of each writer that was answered, in all rounds.
#[derive(Default)]
pub(super) struct Acknowledged(BTreeMap<(u64, usize), usize>);

impl Acknowledged {
    /// Takes a line of a child's output, which also holds what the test harness says.
    pub(super) fn learn(&mut self, line: &str) {
        let Some((_, token)) = line.split_once(ANSWER) else { return };
        let step = Step::from_token(token);
        let last = self.0.entry((step.round, step.writer)).or_insert(step.step);
        *last = (*last).max(step.step);
    }

    pub(super) fn of_round(&self, round: u64) -> usize {
        self.0.iter().filter(|((of, _), _)| *of == round).map(|(_, last)| last + 1).sum()
    }

    /// Each writer has done what was acknowledged, and perhaps the step after it: as a whole.
    pub(super) async fn verify(&self, store: &SqliteStore, log: &[String]) {
        for ((round, writer), last) in &self.0 {
            let mine = format!("{}{round}-{writer}-", token::START);
            let steps: Vec<usize> = log
                .iter()
                .filter(|token| token.starts_with(&mine))
                .map(|token| Step::from_token(token).step)
                .collect();
            let count = steps.len();
            assert!(steps.into_iter().eq(0..count), "the steps of writer {writer} are in the log in order");
            assert!(
                count == last + 1 || count == last + 2,
                "writer {writer}: {last} was acknowledged, {count} are done"
            );
            for first in (0..count).step_by(LIFE) {
                let step = (first + LIFE - 1).min(count - 1);
                let step = Step { round: *round, writer: *writer, step };
                assert_eq!(found(store, step).await, step.user(), "{step:?}");
            }
        }
    }
}

async fn found(store: &SqliteStore, step: Step) -> Option<User> {
    let key = RecordKey::new(&space(), "User", &step.id());
    let (owner, member) = (RecordRef::new("Group", "all"), key.record.clone());
    let link = LinkKey { space: space(), relation: "member", owner, member };
    let values = store.read(vec![ReadKey::Record(key), ReadKey::Link(link)]).await.expect("a record");
    let [ReadValue::Record(record), ReadValue::Linked(member)] = &values[..] else {
        panic!("not {values:?}")
    };
    let record = record.as_ref()?;
    let title = record.document.text("title").unwrap_or_default().to_owned();
    Some(User { version: record.version, title, member: *member })
}
