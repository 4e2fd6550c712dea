//! Days of books, against reports and lists.

use tributary_domain::Links;
use tributary_ledger::Entry;
use tributary_ledger::views::{Expected, by_month};
use tributary_pipeline::ledger::{Commit, Filed, Ledger};
use tributary_pipeline::reconcile::{Job, Outcome, Plan};
use tributary_reconciliation::State;
use tributary_testkit::ledger::samples::{connected, id, payment, platform, transfer, unheard_of};

use crate::rig::{LIVE, NOON, Rig, day_job, then, yesterday};

/// A thousand movements that agree cost ten calls, those of the reports.
#[tokio::test]
async fn days_that_agree_cost_no_call() {
    let rig = Rig::new();
    for account in 1..=20 {
        rig.book(
            &connected(account),
            (0..50).map(|n| payment(account * 100 + n, then())),
        );
        rig.pull(&connected(account), None).await;
    }
    assert_eq!(rig.reports().await, 10);
    assert_eq!(rig.found(), []);
    assert_eq!(rig.world.control.done().len(), 21);
}

#[tokio::test]
async fn movements_that_were_never_listed_are_posted() {
    let rig = Rig::with_pages_of(3);
    let book = connected(1);
    rig.book(&book, (0..10).map(|n| payment(n, then() + n as i64)));
    rig.pull(&book, None).await;
    // Booked late, with a time that lies behind what pulls look at.
    rig.book(
        &book,
        [payment(77, then() - 9_000), payment(78, then() - 9_001)],
    );
    let job = day_job(&rig, &book, yesterday()).await;
    rig.work(&job).await.unwrap();
    // What the report has more than we.
    let stakes = rig.world.stripe.movements.stakes();
    assert_eq!(stakes.last(), Some(&(book.clone(), 2 * 970)));
    let open = [("MISSING_LEDGER_ENTRY", State::Open); 2];
    let brief: Vec<_> = rig
        .found()
        .into_iter()
        .map(|(code, _, state)| (code, state))
        .collect();
    assert_eq!(brief, open);
    rig.run().await;
    let healed = [
        (
            "MISSING_LEDGER_ENTRY",
            "txn_00077".to_owned(),
            State::Healed,
        ),
        (
            "MISSING_LEDGER_ENTRY",
            "txn_00078".to_owned(),
            State::Healed,
        ),
    ];
    assert_eq!(rig.found(), healed);
    assert_eq!(rig.world.ledger.kept(&book).all_entries().count(), 12);
}

/// Payouts are no activity: the report leaves them out, and that is no difference.
#[tokio::test]
async fn payouts_are_no_difference() {
    let rig = Rig::new();
    let book = connected(1);
    let mut payout = transfer(5, 970, then());
    payout.kind = "payout".to_owned();
    payout.reporting_category = "payout".to_owned();
    payout.source.as_mut().unwrap().id = id("po_1");
    payout.source.as_mut().unwrap().links = Links::default();
    rig.book(&book, [payment(1, then()), payout]);
    rig.pull(&book, None).await;
    let job = day_job(&rig, &book, yesterday()).await;
    let before = rig.world.stripe.calls();
    rig.work(&job).await.unwrap();
    assert_eq!(
        (rig.world.stripe.calls() - before, rig.found()),
        (0, vec![])
    );
}

/// Counts and posts an entry that Stripe knows nothing of.
async fn invent(rig: &Rig, entry: &Entry) {
    let ledger = &rig.world.ledger;
    let book = &entry.book;
    let state = ledger.state(book).await.unwrap();
    let mut next = state.next("injected");
    // A pull of its own, whose page is filed beside all others.
    next.pulls += 1;
    let totals = next.days.entry(entry.day()).or_default();
    totals
        .entry(entry.currency.clone())
        .or_default()
        .add(entry.transaction.as_str(), entry.net);
    let filed = [(entry.day(), vec![Filed::from(entry)])].into();
    let mut months = ledger.kept(book).months;
    for (month, added) in by_month([entry], &Expected::default()) {
        months.entry(month).or_default().merge(&added);
    }
    let commit = Commit {
        state: next,
        filed,
        months,
        ..Commit::default()
    };
    ledger.commit(book, &commit).await.unwrap();
    ledger
        .post(book, std::slice::from_ref(entry))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_entry_that_stripe_does_not_know_is_left_for_a_person() {
    let rig = Rig::new();
    let book = connected(1);
    rig.book(&book, [payment(1, then())]);
    rig.pull(&book, None).await;
    let entry = tributary_ledger::post(&book, &payment(9, then()))
        .unwrap()
        .entry;
    invent(&rig, &entry).await;
    rig.work(&day_job(&rig, &book, yesterday()).await)
        .await
        .unwrap();
    rig.run().await;
    assert_eq!(
        rig.found(),
        [("ORPHAN_ENTRY", "txn_00009".to_owned(), State::Open)]
    );
    let finding = &rig.world.findings.all()[0];
    assert_eq!(finding.history.last().unwrap().what, "left:needs_a_person");
    assert_eq!(
        (finding.stake.amount, finding.stake.currency.as_str()),
        (970, "usd")
    );
}

/// The same movement, posted once before its object was known and once after.
#[tokio::test]
async fn the_later_of_two_entries_is_taken_back() {
    let rig = Rig::new();
    let book = connected(1);
    rig.book(&book, [payment(1, then())]);
    rig.pull(&book, None).await;
    let mut bare = payment(1, then());
    bare.source = None;
    let twin = tributary_ledger::post(&book, &bare).unwrap().entry;
    invent(&rig, &twin).await;
    rig.work(&day_job(&rig, &book, yesterday()).await)
        .await
        .unwrap();
    rig.run().await;
    let duplicate = ("DUPLICATE_ENTRY", "txn_00001".to_owned(), State::Healed);
    assert!(rig.found().contains(&duplicate), "{:?}", rig.found());
    let kept = rig.world.ledger.kept(&book);
    assert_eq!(kept.all_entries().count(), 3, "nothing is deleted");
    let day = &kept.totals()[&yesterday()]["usd"];
    assert_eq!(*day, tributary_ledger::Digest::of("txn_00001", 970));
    let stays = tributary_ledger::post(&book, &payment(1, then())).unwrap();
    let counted_once = by_month([&stays.entry], &Expected::default());
    assert_eq!(kept.months, counted_once, "nor does anybody see it twice");
}

/// Corrections of one day are filed beside each other and beside all pages.
#[tokio::test]
async fn two_duplicates_of_one_day_are_both_taken_back() {
    let rig = Rig::new();
    let book = connected(1);
    rig.book(&book, [payment(1, then()), payment(2, then())]);
    rig.pull(&book, None).await;
    for number in [1, 2] {
        let mut bare = payment(number, then());
        bare.source = None;
        let twin = tributary_ledger::post(&book, &bare).unwrap().entry;
        invent(&rig, &twin).await;
    }
    rig.work(&day_job(&rig, &book, yesterday()).await)
        .await
        .unwrap();
    rig.run().await;
    for id in ["txn_00001", "txn_00002"] {
        let healed = ("DUPLICATE_ENTRY", id.to_owned(), State::Healed);
        assert!(rig.found().contains(&healed), "{:?}", rig.found());
    }
    let kept = rig.world.ledger.kept(&book);
    let mut day = tributary_ledger::Digest::of("txn_00001", 970);
    day.add("txn_00002", 970);
    assert_eq!(kept.totals()[&yesterday()]["usd"], day);
}

#[tokio::test]
async fn what_entries_say_of_themselves_is_found_without_a_call() {
    let rig = Rig::new();
    let book = connected(1);
    let mut overcharged = payment(2, then());
    overcharged.fee_details[0].amount = 25;
    rig.book(&book, [unheard_of(1, then()), overcharged]);
    rig.pull(&book, None).await;
    let job = day_job(&rig, &book, yesterday()).await;
    let before = rig.world.stripe.calls();
    for round in 0..2 {
        rig.work(&with_round(&job, round)).await.unwrap();
        rig.clock.advance(60);
    }
    assert_eq!(rig.world.stripe.calls(), before);
    let expected = [
        ("FEE_MISMATCH", "txn_00002".to_owned(), State::Healed),
        ("UNKNOWN_TYPE", "txn_00001u".to_owned(), State::Open),
    ];
    assert_eq!(rig.found(), expected);
}

pub(crate) fn with_round(job: &Job, number: u8) -> Job {
    let mut job = job.clone();
    if let Job::Day { round, .. } = &mut job {
        *round = number;
    }
    job
}

/// A transfer of which its destination's book knows nothing yet: that book is pulled.
#[tokio::test]
async fn a_transfer_finds_its_payment_once_the_other_book_is_pulled() {
    let rig = Rig::new();
    let (platform, connected) = (platform(), connected(1));
    let mut sent = transfer(3, 900, then());
    sent.source.as_mut().unwrap().links.destination_payment = Some(id("py_3"));
    rig.book(&platform, [payment(3, then()), sent]);
    rig.pull(&platform, None).await;
    let mut received = payment(4, then());
    (received.amount, received.fee, received.net) = (900, 0, 900);
    (received.currency, received.fee_details) = ("usd".to_owned(), vec![]);
    let source = received.source.as_mut().unwrap();
    (source.id, source.links.source_transfer) = (id("py_3"), Some(id("tr_00003")));
    rig.book(&connected, [received]);
    rig.work(&day_job(&rig, &platform, yesterday()).await)
        .await
        .unwrap();
    assert_eq!(
        rig.found(),
        [("ORPHAN_TRANSFER", "tr_00003".to_owned(), State::Open)]
    );
    rig.run().await;
    assert_eq!(
        rig.found(),
        [("ORPHAN_TRANSFER", "tr_00003".to_owned(), State::Healed)]
    );
}

/// A report that is late for one line says too little of the day.
#[tokio::test]
async fn a_report_that_no_line_explains_is_told() {
    let rig = Rig::new();
    let book = connected(1);
    rig.book(&book, [payment(1, then())]);
    let early = day_job(&rig, &book, yesterday()).await;
    rig.book(&book, [payment(2, then() + 5)]);
    rig.pull(&book, None).await;
    rig.work(&early).await.unwrap();
    let subject = format!("day:{}#usd", yesterday());
    assert_eq!(
        rig.found(),
        [("REPORT_MISMATCH", subject.clone(), State::Open)]
    );
    rig.clock.advance(10);
    let whole = with_round(&day_job(&rig, &book, yesterday()).await, 1);
    rig.work(&whole).await.unwrap();
    assert_eq!(rig.found(), [("REPORT_MISMATCH", subject, State::Resolved)]);
}

/// A book that moved by us, and of which the report says nothing.
#[tokio::test]
async fn books_that_no_report_mentions_are_compared_too() {
    let rig = Rig::new();
    let book = connected(7);
    let owner = book.owner.account().unwrap().clone();
    rig.world.stripe.connect(owner);
    rig.plan(&Plan::everything(LIVE)).await.unwrap();
    rig.world.outbox.take_jobs();
    invent(
        &rig,
        &tributary_ledger::post(&book, &payment(9, then()))
            .unwrap()
            .entry,
    )
    .await;
    rig.work(&Job::Reports {
        mode: LIVE,
        day: yesterday(),
        days: 1,
    })
    .await
    .unwrap();
    rig.run().await;
    assert_eq!(
        rig.found(),
        [("ORPHAN_ENTRY", "txn_00009".to_owned(), State::Open)]
    );
}

/// A report takes its time, and Stripe has none of today.
#[tokio::test]
async fn reports_are_waited_for() {
    let rig = Rig::new();
    rig.book(&connected(1), [payment(1, then())]);
    rig.world.stripe.delay_reports(3);
    let job = Job::Reports {
        mode: LIVE,
        day: yesterday(),
        days: 1,
    };
    assert_eq!(rig.work(&job).await.unwrap(), Outcome::Later);
    rig.run().await;
    assert_eq!(rig.found().len(), 1, "in the end it is read");
    let calls = rig.world.stripe.calls();
    rig.work(&job).await.unwrap();
    assert_eq!(rig.world.stripe.calls(), calls, "and read once");

    rig.world.stripe.end_reports(yesterday().plus(1));
    let today = Job::Reports {
        mode: LIVE,
        day: yesterday().plus(1),
        days: 1,
    };
    assert_eq!(rig.work(&today).await.unwrap(), Outcome::Later);
    assert_eq!(rig.world.outbox.take_jobs(), [(today, 900)]);
}

/// Fault 34: what is booked while pages are read moves no line, and is not missed.
#[tokio::test]
async fn fault_34_what_is_booked_while_a_day_is_listed_is_neither_missed_nor_found_twice() {
    use tributary_testkit::ledger::list::Scene;
    let rig = Rig::with_pages_of(3);
    let book = connected(1);
    rig.book(&book, (0..10).map(|n| payment(n, then() + n as i64)));
    rig.pull(&book, None).await;
    rig.book(&book, [payment(90, then() - 9_000)]);
    // During the first pages, another one is booked on the same day, and one today. The
    // report, which takes its time, has the first.
    let late = vec![payment(91, then() + 4), payment(92, NOON)];
    let reported = Rig::new();
    reported.book(&book, rig.world.stripe.movements.all(&book));
    reported.book(&book, [late[0].clone()]);
    let job = day_job(&reported, &book, yesterday()).await;
    rig.world
        .stripe
        .movements
        .at(1, Scene::ThenBooked(book.clone(), late));
    rig.work(&job).await.unwrap();
    rig.run().await;
    let subjects: Vec<_> = rig
        .found()
        .into_iter()
        .map(|(code, subject, _)| (code, subject))
        .collect();
    assert!(
        subjects.contains(&("MISSING_LEDGER_ENTRY", "txn_00090".to_owned())),
        "{subjects:?}"
    );
    assert!(
        subjects.iter().all(|(_, subject)| subject != "txn_00092"),
        "of another day"
    );
    let entries = rig.world.ledger.kept(&book).all_entries().count();
    assert_eq!(entries, 13, "all of them are posted, each once");
    assert!(
        rig.found()
            .iter()
            .all(|(_, _, state)| *state != State::Open),
        "{:?}",
        rig.found()
    );
}
