//! From what a person typed to the object.

use tributary_domain::{Mode, Owner};
use tributary_pipeline::ledger::{Ports, PullRequest, Tally, Watch, pull};
use tributary_pipeline::trace::{Found, Place, locate};
use tributary_testkit::ledger::samples::{connected, id, payment};
use tributary_testkit::ledger::{MemoryDoubts, MemoryList};

use crate::story::{DAY_S, NOON, Story, book, failed_after_paid, po};

async fn find(story: &Story, owner: Option<&Owner>, text: &str) -> Found {
    let found = locate(&story.ground, Mode::Live, owner, text).await;
    found.unwrap()
}

#[tokio::test]
async fn an_object_is_found_on_the_book_of_whichever_account_has_it() {
    let mut story = failed_after_paid().await;
    let accounts = (0..2_500).map(|n| Owner::parse(&format!("acct_{n:04}")).unwrap());
    story.ground.accounts = accounts.chain([book().owner]).collect();
    story.ground.accounts.sort();
    let before = story.ground.requests();
    assert_eq!(find(&story, None, "po_1").await, Found::Object(po()));
    let requests = story.ground.requests() - before;
    assert!(requests <= 2 + 3 + 26, "{requests}");
    for text in ["evt_2", " po_1\n"] {
        assert_eq!(
            find(&story, None, text).await,
            Found::Object(po()),
            "{text}"
        );
    }
    let owner = book().owner;
    let before = story.ground.requests();
    assert_eq!(
        find(&story, Some(&owner), "po_1").await,
        Found::Object(po())
    );
    assert_eq!(story.ground.requests() - before, 1, "one question");
    for text in ["po_2", "evt_7", "txn_7", "order 7"] {
        assert_eq!(find(&story, None, text).await, Found::Nothing, "{text}");
    }
    let other = Owner::parse("acct_0007").unwrap();
    assert_eq!(find(&story, Some(&other), "po_1").await, Found::Nothing);
}

struct Noon;

impl Watch for Noon {
    fn now(&self) -> i64 {
        NOON
    }

    fn has_time(&self) -> bool {
        true
    }
}

/// Movements are filed by days: the newest are looked at first.
#[tokio::test]
async fn a_movement_is_found_by_the_day_under_which_it_is_filed() {
    let story = Story::default();
    let list = MemoryList::default();
    let days = (0..30).map(|n| payment(n, NOON - n as i64 * DAY_S));
    list.book(&connected(1), days);
    let ports = Ports {
        transactions: &list,
        ledger: &story.ground.ledger,
        doubts: &MemoryDoubts::default(),
        watch: &Noon,
        worker: "one",
    };
    let request = PullRequest {
        book: connected(1),
        until: NOON,
        since: None,
        stake: 0,
    };
    pull(&ports, &request, &mut Tally::default()).await.unwrap();
    let before = story.ground.requests();
    let found = find(&story, Some(&book().owner), "txn_00003").await;
    let charge = Place {
        book: book(),
        id: id("ch_00003"),
    };
    assert_eq!(found, Found::Object(charge));
    assert_eq!(story.ground.requests() - before, 1 + 4, "a question a day");
}

#[tokio::test]
async fn a_reference_leads_to_one_object_or_to_several() {
    let mut story = failed_after_paid().await;
    let places = |n: usize| vec![po(); n];
    story.ground.referred.insert("ORD-1".to_owned(), places(1));
    let mut two = places(2);
    two[1].id = id("ch_2");
    story.ground.referred.insert("ORD-2".to_owned(), two);
    assert_eq!(find(&story, None, "ORD-1").await, Found::Object(po()));
    let several = find(&story, None, "ORD-2").await;
    assert!(matches!(several, Found::Several(places) if places.len() == 2));
}
