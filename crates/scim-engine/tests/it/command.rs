//! Commands of an application, over the in-memory store.

use std::sync::Arc;

use scim_core::{Leniency, Problem};
use scim_engine::store::{
    Guard, OnLimit, PutRecord, ReadKey, ReadValue, Record, RecordKey, Space, Store, TenantId, Write,
};
use scim_engine::{
    Caller, Command, CommandStep, Decision, Engine, EngineError, FactKey, Facts, MemoryStore, PlainRules,
    RequestContext, Scene, plain_registry,
};
use serde_json::{Map, Value, json};

fn context() -> RequestContext {
    RequestContext {
        tenant: TenantId::new("t").unwrap(),
        caller: Caller::default(),
        now: 1_700_000_000_000,
        new_id: "n".into(),
        trace_id: "0".repeat(32),
        leniency: Leniency::default(),
    }
}

fn engine() -> Engine<MemoryStore, PlainRules> {
    Engine::new(MemoryStore::new(), PlainRules, plain_registry().unwrap(), "https://x.example")
}

fn key(space: &Space) -> RecordKey {
    RecordKey::new(space, "Tally", "tally")
}

/// What the tally stands at.
async fn tally(engine: &Engine<MemoryStore, PlainRules>) -> Option<i64> {
    engine.command(&context(), &Look).await.unwrap()
}

fn count(record: &Record) -> i64 {
    record.extra["count"].as_i64().unwrap()
}

/// Raises the tally by one, up to a limit; tells where it stands then.
struct Raise {
    limit: i64,
}

impl Command for Raise {
    type Output = i64;

    fn decide(&self, scene: &Scene<'_>, facts: &Facts) -> CommandStep<i64> {
        let key = key(scene.space);
        let mut lookup = facts.lookup();
        let was = lookup.record(key.clone());
        if !lookup.is_complete() {
            return CommandStep::Need(lookup.needed());
        }
        let count = was.map_or(0, count) + 1;
        if count > self.limit {
            return CommandStep::Refuse(Problem::plain(409, "enough"));
        }
        let record = PutRecord {
            key: key.clone(),
            visible: true,
            name: None,
            document: scim_core::Document::new(),
            extra: Map::from_iter([("count".to_owned(), Value::from(count))]),
            form: Map::new(),
            indexed: Vec::new(),
        };
        let replaces = was.map(|was| was.version);
        let writes = vec![Write::Put { record: Box::new(record), replaces }];
        let guards = vec![Guard::Version(key, replaces)];
        let event = (scim_engine::store::Stream::Outbox, json!(count));
        CommandStep::Commit(
            Box::new(Decision { writes, guards, events: vec![event], ..Decision::default() }),
            count,
        )
    }
}

/// Looks at the tally.
struct Look;

impl Command for Look {
    type Output = Option<i64>;

    fn decide(&self, scene: &Scene<'_>, facts: &Facts) -> CommandStep<Option<i64>> {
        let mut lookup = facts.lookup();
        let count = lookup.record(key(scene.space)).map(count);
        match lookup.is_complete() {
            true => CommandStep::Commit(Box::default(), count),
            false => CommandStep::Need(lookup.needed()),
        }
    }
}

/// Never has enough facts.
struct Endless;

impl Command for Endless {
    type Output = ();

    fn decide(&self, scene: &Scene<'_>, _facts: &Facts) -> CommandStep<()> {
        CommandStep::Need(vec![FactKey::Record(key(scene.space))])
    }
}

/// Adds above a limit, and says what refused that.
struct Exceed;

impl Command for Exceed {
    type Output = ();

    fn decide(&self, scene: &Scene<'_>, _facts: &Facts) -> CommandStep<()> {
        if let Some(refused) = scene.refused {
            return CommandStep::Refuse(Problem::plain(400, refused.to_string()));
        }
        let counter = scim_engine::store::CounterKey { space: scene.space.clone(), name: "seats" };
        let bounds = scim_engine::store::Counter { value: 0, floor: None, limit: Some(1) };
        let writes = vec![
            Write::SetCounter(counter.clone(), bounds),
            Write::Add { counter, by: 2, on_limit: OnLimit::Refuse },
        ];
        CommandStep::Commit(Box::new(Decision { writes, ..Decision::default() }), ())
    }
}

/// Commands that meet on one record take turns; each sees what those before it did.
#[tokio::test(flavor = "multi_thread")]
async fn commands_that_meet_take_turns() {
    let engine = Arc::new(engine());
    assert_eq!(tally(&engine).await, None);
    let raising: Vec<_> = (0..32)
        .map(|_| {
            let engine = Arc::clone(&engine);
            tokio::spawn(async move { engine.command(&context(), &Raise { limit: 20 }).await })
        })
        .collect();
    let mut reached = Vec::new();
    for one in raising {
        match one.await.unwrap() {
            Ok(count) => reached.push(count),
            Err(EngineError::Refused(problem)) => assert_eq!(problem.status, 409),
            Err(other) => panic!("{other}"),
        }
    }
    reached.sort_unstable();
    assert_eq!(reached, (1..=20).collect::<Vec<_>>());
    assert_eq!(tally(&engine).await, Some(20));
}

/// Events leave with the commit; a command that only looks leaves nothing.
#[tokio::test]
async fn commands_append_events() {
    let engine = engine();
    engine.command(&context(), &Raise { limit: 1 }).await.unwrap();
    tally(&engine).await;
    let events = ReadKey::Events {
        space: context().tenant.space(),
        stream: scim_engine::store::Stream::Outbox,
        after: 0,
        limit: 10,
    };
    let ReadValue::Events(events) = engine.store().read(vec![events]).await.unwrap().remove(0) else {
        panic!("no events")
    };
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].body["event"], 1);
}

/// A command that never decides ends, and one whose commit was refused is told why.
#[tokio::test]
async fn commands_end() {
    let engine = engine();
    assert!(matches!(engine.command(&context(), &Endless).await, Err(EngineError::Undecided)));
    let error = engine.command(&context(), &Exceed).await.unwrap_err();
    assert_eq!(error.problem().detail, "seats would leave its bounds");
}
