//! Events that never came.

use serde_json::json;
use tributary_domain::{EventId, ObjectId, ObjectKey, ObjectKind, Origin};
use tributary_pipeline::message::Kind;
use tributary_pipeline::reconcile::{Control, Failure, Findings, Job, Outcome, Plan};
use tributary_reconciliation::finding::Decision;
use tributary_reconciliation::{Code, Finding, Scope, State};
use tributary_testkit::ledger::samples::{connected, platform};

use crate::rig::{DAY_S, LIVE, NOON, Rig, event};

fn audit(rig: &Rig, from: i64) -> Job {
    let to = rig.clock.now() - 3_600;
    Job::Events {
        book: connected(1),
        from,
        to,
        round: 0,
    }
}

/// Every hundredth event is lost for good; one cycle later all are there, each once.
#[tokio::test]
async fn fault_06_events_that_never_came_are_sent_on_once() {
    let rig = Rig::with_pages_of(100);
    let book = connected(1);
    for n in 0..1_000 {
        let event = event(&book, n, NOON - DAY_S + n as i64);
        if n % 100 != 7 {
            rig.receive(&event.key, Origin::Webhook).await;
        }
        rig.world.stripe.make(&book, event);
    }
    let job = audit(&rig, NOON - 2 * DAY_S);
    rig.work(&job).await.unwrap();
    let sent = rig.world.outbox.queues.events();
    assert_eq!(sent.len(), 10);
    assert!(
        sent.iter()
            .all(|one| one.kind == Kind::Backfill && one.group == "live:acct_1")
    );
    rig.run().await;
    let found = rig.found();
    assert_eq!(found.len(), 10);
    assert!(
        found
            .iter()
            .all(|(code, _, state)| *code == "MISSING_EVENT" && *state == State::Healed)
    );
    assert_eq!(rig.world.log.receipts().len(), 1_000);
    let coverage = rig.world.control.coverage(&book).await.unwrap();
    assert_eq!(coverage.events_to, Some(NOON - 3_600));
    assert_eq!(
        rig.world.outbox.queues.events().len(),
        10,
        "none was sent twice"
    );
}

/// Stripe says that it failed to make events: the window is audited, whatever was
/// covered before, and what it lists by now is sent on.
#[tokio::test]
async fn fault_07_a_notice_of_events_never_made_opens_its_window_again() {
    let rig = Rig::new();
    let book = connected(1);
    rig.work(&audit(&rig, NOON - 3 * DAY_S)).await.unwrap();
    let late = event(&book, 5, NOON - 2 * DAY_S);
    rig.world.stripe.make(&book, late);
    let again = Job::Events {
        book: book.clone(),
        from: NOON - 3 * DAY_S,
        to: NOON,
        round: 0,
    };
    rig.work(&again).await.unwrap();
    rig.run().await;
    assert_eq!(
        rig.found(),
        [("MISSING_EVENT", "evt_0005".to_owned(), State::Healed)]
    );
}

/// Stripe could not make the event that told how a dispute of a connected account ended.
/// No list has it: the notice says whose it was and what about, the object is looked at
/// and fetched, and the account's events of these days are audited.
#[tokio::test]
async fn fault_07_what_an_event_never_made_was_about_is_looked_at() {
    let rig = Rig::new();
    let (book, notice) = (connected(1), EventId::parse("evt_notice").unwrap());
    let dispute = ObjectKey {
        mode: book.mode,
        owner: book.owner.clone(),
        kind: ObjectKind::parse("dispute").unwrap(),
        id: ObjectId::parse("du_1").unwrap(),
    };
    let state = |status: &str| {
        let fields = json!({
            "amount": 900, "currency": "usd", "status": status, "reason": "fraudulent",
            "created": 1, "charge": "ch_1", "balance_transactions": [], "evidence": {},
        });
        tributary_domain::change::State::read(&dispute.kind, fields)
            .unwrap()
            .unwrap()
    };
    rig.world.mirror.show(&dispute, state("under_review"));
    let failure = Failure {
        book: book.clone(),
        object: Some(dispute.clone()),
        since: Some(NOON - DAY_S),
    };
    let shown = Some(state("lost"));
    rig.world.stripe.fail(notice.clone(), failure, shown);
    let job = Job::Missing {
        book: platform(),
        notice,
        at: NOON - 60,
        round: 0,
    };
    rig.work(&job).await.unwrap();
    let asked = rig.world.outbox.queues.fetches();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].0.object, dispute);
    let jobs = rig.world.outbox.take_jobs();
    let audited = jobs.iter().find_map(|(job, _)| match job {
        Job::Events { book, from, to, .. } => Some((book.clone(), *from, *to)),
        _ => None,
    });
    // Nobody has looked at the account yet: all that Stripe lists is looked at.
    let now = rig.clock.now();
    assert_eq!(audited, Some((book, now - 30 * DAY_S, now)));
    let again = jobs
        .into_iter()
        .find(|(job, _)| matches!(job, Job::Missing { round: 1, .. }));
    // The fetch has shown the mirror how it ended.
    rig.world.mirror.show(&dispute, state("lost"));
    rig.clock.advance(1_000);
    rig.work(&again.unwrap().0).await.unwrap();
    assert_eq!(
        rig.found(),
        [("STATUS_MISMATCH", "du_1".to_owned(), State::Healed)]
    );
    assert_eq!(rig.world.outbox.queues.fetches().len(), 1);
}

/// Of a notice that Stripe has forgotten, all that is known is whose it was; of an object
/// without a state here, that it is to be fetched.
#[tokio::test]
async fn a_notice_says_as_much_as_it_can() {
    let rig = Rig::new();
    let forgotten = Job::Missing {
        book: platform(),
        notice: EventId::parse("evt_gone").unwrap(),
        at: NOON - 60,
        round: 0,
    };
    rig.work(&forgotten).await.unwrap();
    let jobs = rig.world.outbox.take_jobs();
    assert!(matches!(&jobs[..], [(Job::Events { book, .. }, 0)] if *book == platform()));
    let gadget = ObjectKey {
        mode: platform().mode,
        owner: platform().owner,
        kind: ObjectKind::parse("order").unwrap(),
        id: ObjectId::parse("or_1").unwrap(),
    };
    let notice = EventId::parse("evt_order").unwrap();
    let failure = Failure {
        book: platform(),
        object: Some(gadget.clone()),
        since: None,
    };
    rig.world.stripe.fail(notice.clone(), failure, None);
    let job = Job::Missing {
        book: platform(),
        notice,
        at: NOON - 60,
        round: 0,
    };
    rig.work(&job).await.unwrap();
    assert_eq!(rig.world.outbox.queues.fetches()[0].0.object, gadget);
    assert_eq!(rig.found(), []);
}

/// A window may reach into the future, as that of a notice does: what is made after the
/// look is not covered by it, and the next audit begins before it.
#[tokio::test]
async fn no_audit_covers_what_may_still_be_made() {
    let rig = Rig::new();
    let book = connected(1);
    rig.work(&audit(&rig, NOON - 3 * DAY_S)).await.unwrap();
    rig.clock.advance(1_800);
    let job = Job::Events {
        book: book.clone(),
        from: NOON - 3 * DAY_S,
        to: rig.clock.now() + 3_600,
        round: 0,
    };
    rig.work(&job).await.unwrap();
    let covered = async || {
        let coverage = rig.world.control.coverage(&book).await.unwrap();
        coverage.events_to.unwrap()
    };
    assert_eq!(covered().await, NOON - 1_800);
    let late = event(&book, 5, rig.clock.now() + 600);
    rig.world.stripe.make(&book, late);
    rig.clock.advance(19 * DAY_S);
    let _ = rig.plan(&Plan::daily(LIVE)).await.unwrap();
    rig.run().await;
    let found = rig.found();
    let late = ("MISSING_EVENT", "evt_0005".to_owned(), State::Healed);
    assert!(found.contains(&late), "{found:?}");
}

/// A worker goes on with an audit that another began hours before: what was made in
/// between is on pages that nobody has read.
#[tokio::test]
async fn an_audit_covers_what_was_there_when_it_began() {
    let rig = Rig::with_pages_of(2);
    let book = connected(1);
    for n in 0..4 {
        let event = event(&book, n, NOON - DAY_S + n as i64);
        rig.receive(&event.key, Origin::Webhook).await;
        rig.world.stripe.make(&book, event);
    }
    let job = Job::Events {
        book: book.clone(),
        from: NOON - 2 * DAY_S,
        to: NOON + 3_600,
        round: 0,
    };
    assert_eq!(rig.one_page(&job).await.unwrap(), Outcome::Later);
    rig.clock.advance(2 * 3_600);
    rig.work(&job).await.unwrap();
    let coverage = rig.world.control.coverage(&book).await.unwrap();
    assert_eq!(coverage.events_to, Some(NOON - 3_600));
}

/// An event that was sent on and still does not arrive is for a person.
#[tokio::test]
async fn what_does_not_help_twice_is_left_for_a_person() {
    let rig = Rig::new();
    let book = connected(1);
    rig.world.stripe.make(&book, event(&book, 1, NOON - DAY_S));
    let mut job = Some(audit(&rig, NOON - 2 * DAY_S));
    while let Some(next) = job {
        rig.work(&next).await.unwrap();
        rig.clock.advance(1_000);
        job = rig.world.outbox.take_jobs().pop().map(|(job, _)| job);
    }
    let finding = &rig.world.findings.all()[0];
    let steps: Vec<_> = finding
        .history
        .iter()
        .map(|step| step.what.as_str())
        .collect();
    assert_eq!(
        steps,
        [
            "seen",
            "heal:backfill",
            "heal:backfill",
            "left:did_not_help"
        ]
    );
    assert_eq!(rig.world.outbox.queues.events().len(), 2);
}

#[tokio::test]
async fn an_event_of_the_other_mode_is_held_for_a_person() {
    let rig = Rig::new();
    let book = connected(1);
    let mut stray = event(&book, 1, NOON - DAY_S);
    stray.is_of_other_mode = true;
    rig.world.stripe.make(&book, stray);
    rig.work(&audit(&rig, NOON - 2 * DAY_S)).await.unwrap();
    assert_eq!(rig.found()[0].0, "MODE_MIX");
    let held = rig.world.outbox.queues.quarantine();
    assert_eq!((held.len(), held[0].code), (1, "mode_mix"));
    assert_eq!(rig.world.outbox.queues.events().len(), 0);
}

/// Nothing more than the caps allow is done, by however many workers.
#[tokio::test]
async fn no_more_is_healed_than_the_caps_allow() {
    let mut rig = Rig::with_pages_of(4);
    rig.rules.policy.caps.account = 5;
    let book = connected(1);
    for n in 0..20 {
        rig.world.stripe.make(&book, event(&book, n, NOON - DAY_S));
    }
    rig.work(&audit(&rig, NOON - 2 * DAY_S)).await.unwrap();
    assert_eq!(rig.world.outbox.queues.events().len(), 5);
    let left = rig.world.findings.all().into_iter();
    let left = left.filter(|one| one.history.last().unwrap().what == "left:run_cap_reached");
    assert_eq!(left.count(), 15);
}

/// However old it is, what waits for a person is told with every plan.
#[tokio::test]
async fn what_waits_for_a_person_is_told_until_it_is_settled() {
    let rig = Rig::new();
    let scope = Scope::new("balance", "usd");
    let mut finding = Finding::new(
        Code::BalanceMismatchConnected,
        &connected(1),
        "usd",
        &scope,
        NOON,
    );
    rig.world.findings.save(&finding, 0).await.unwrap();
    for _ in 0..2 {
        let told = rig.plan(&Plan::daily(LIVE)).await.unwrap().waiting;
        assert_eq!((told.findings, told.residuals), (1, 1));
        rig.clock.advance(DAY_S);
    }
    finding.accept(&Decision::new("finance", "it is so").unwrap(), NOON);
    rig.world.findings.save(&finding, 1).await.unwrap();
    let told = rig.plan(&Plan::daily(LIVE)).await.unwrap().waiting;
    assert_eq!((told.findings, told.residuals), (0, 0));
}

/// What nobody has looked at for long is known long before Stripe forgets it.
#[tokio::test]
async fn the_age_of_the_oldest_watermark_is_told() {
    let rig = Rig::new();
    let account = connected(1).owner.account().unwrap().clone();
    rig.world.stripe.connect(account);
    let first = rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert_eq!((first.books, first.uncovered_s), (2, 30 * DAY_S));
    rig.run().await;
    rig.clock.advance(20 * DAY_S);
    let later = rig.plan(&Plan::daily(LIVE)).await.unwrap();
    assert!(
        (20 * DAY_S..21 * DAY_S).contains(&later.uncovered_s),
        "{later:?}"
    );
    let platform = rig.world.control.coverage(&platform()).await.unwrap();
    assert!(platform.events_to.is_some());
}

/// An account of which Stripe lists no event is audited less often than one that lives,
/// and before the alarm `Coverage` would go off.
#[tokio::test]
async fn silent_accounts_are_audited_less_often() {
    let rig = Rig::new();
    for n in [1, 2] {
        let account = connected(n).owner.account().unwrap().clone();
        rig.world.stripe.connect(account);
    }
    let lives = event(&connected(2), 1, NOON - DAY_S);
    rig.receive(&lives.key, Origin::Webhook).await;
    rig.world.stripe.make(&connected(2), lives);
    rig.plan(&Plan::daily(LIVE)).await.unwrap();
    rig.run().await;
    let audits = async |days: i64| {
        rig.clock.advance(NOON + days * DAY_S - rig.clock.now());
        rig.plan(&Plan::daily(LIVE)).await.unwrap();
        let jobs = rig.world.outbox.take_jobs().into_iter();
        let books = jobs.filter_map(|(job, _)| match job {
            Job::Events { book, .. } => Some(book),
            _ => None,
        });
        books.collect::<Vec<_>>()
    };
    assert_eq!(audits(13).await, []);
    assert_eq!(audits(14).await, [connected(2)]);
    assert_eq!(audits(17).await, [connected(2)], "nobody has done it");
    let at_last = audits(18).await;
    assert!(at_last.contains(&connected(1)), "{at_last:?}");
}
