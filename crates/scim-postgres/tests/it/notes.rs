//! Notes on several nodes.

use scim_engine::store::{Note, NoteKey, Store as _, TenantId};
use scim_postgres::PostgresStore;

use crate::place::{database, options};

/// What one node notes, the other finds at once.
#[tokio::test(flavor = "multi_thread")]
async fn every_node_finds_a_note() {
    let database = database();
    let one = PostgresStore::open(&database, &options()).await.expect("a store");
    let other = PostgresStore::open(&database, &options()).await.expect("a store");
    let space = TenantId::new("precious-asteroid").expect("letters and a dash").space();
    for number in 0..200 {
        let key = NoteKey { space: space.clone(), name: (number % 7).to_string() };
        let note = Note { at: number, text: format!("note {number}") };
        let (writes, reads) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
        writes.note(key.clone(), note.clone()).await.expect("a note that is kept");
        assert_eq!(reads.noted(key).await.expect("a note that is read"), Some(note));
    }
}
