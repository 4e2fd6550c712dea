//! The two weeks that the demo plays: every flow of money, and every flaw with its label.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tributary_simulator::{
    Fields, Flaw, Injected, Mistake, OwnBook, OwnBookConfig, Owner, World, WorldConfig,
};

fn played(flaws: usize) -> World {
    let mut world = World::new(WorldConfig::two_weeks(1));
    world.inject_all(flaws);
    world.run();
    world
}

fn owners(world: &World) -> Vec<Owner> {
    let accounts = world.accounts().iter().map(|id| Owner::account(id));
    std::iter::once(Owner::Platform).chain(accounts).collect()
}

/// `P` or `C`, type and category of every balance transaction.
fn kinds(world: &World) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for owner in owners(world) {
        let side = if owner == Owner::Platform { 'P' } else { 'C' };
        for it in world.balance_transactions(&owner) {
            let (kind, category) = (it.text("type"), it.text("reporting_category"));
            kinds.insert(format!("{side} {kind} {category}"));
        }
    }
    kinds
}

#[test]
fn two_weeks_have_every_flow() {
    let world = played(0);
    let kinds = kinds(&world);
    for kind in [
        "P charge charge",
        "P refund refund",
        "P refund_failure refund_failure",
        "P adjustment dispute",
        "P adjustment dispute_reversal",
        "P transfer transfer",
        "P transfer_refund transfer_reversal",
        "P application_fee platform_earning",
        "P application_fee_refund platform_earning_refund",
        "P payout payout",
        "P stripe_fee fee",
        "P topup topup",
        "P reserve_transaction connect_reserved_funds",
        "C charge charge",
        "C payment charge",
        "C refund refund",
        "C payment_refund refund",
        "C refund_failure refund_failure",
        "C adjustment dispute",
        "C adjustment dispute_reversal",
        "C adjustment other_adjustment",
        "C payout payout",
        "C payout_failure payout_reversal",
        "C payout_cancel payout_reversal",
    ] {
        assert!(kinds.contains(kind), "no {kind}");
    }
    let any = |kind: &str, is: &dyn Fn(&Value) -> bool| {
        let mut objects = world.objects().filter(|(it, _)| it.kind == kind);
        assert!(objects.any(|(_, object)| is(object)), "{kind}");
    };
    any("payout", &|it| it.text_opt("original_payout").is_some());
    any("payout", &|it| it.text_opt("reversed_by").is_some());
    any("payout", &|it| {
        it.text("method") == "instant" && it.text("status") == "failed"
    });
    any("charge", &|it| it.text_opt("on_behalf_of").is_some());
    any("dispute", &|it| it.text("status") == "warning_closed");
    any("dispute", &|it| it.text("status") == "lost");
    any("charge", &|it| {
        it["metadata"].text_opt("order_id").is_some()
    });
    let converted = |it: &Value| {
        let sent = world.object(&Owner::Platform, it.text("balance_transaction"));
        sent.is_some_and(|sent| sent.text("currency") != it.text("currency"))
    };
    any("payout", &converted);
    let events = world.events().len();
    assert!((5_000..6_500).contains(&events), "{events} events");
}

#[test]
fn every_flaw_is_there_as_often_as_asked_and_has_its_label() {
    let world = played(2);
    let mut found: BTreeMap<Flaw, Vec<&Injected>> = BTreeMap::new();
    for injected in world.injected() {
        found.entry(injected.flaw).or_default().push(injected);
    }
    for flaw in Flaw::ALL {
        assert_eq!(found.get(&flaw).map_or(0, Vec::len), 2, "{flaw:?}");
        for injected in &found[&flaw] {
            assert!(shows(&world, injected), "{injected:?}");
            let left = injected.owner.account_id();
            assert!(left.is_none_or(|id| !world.is_deauthorized(id)));
        }
    }
}

/// Whether `GET /v1/balance` says more than moved, where the label says so.
fn misstates(world: &World, injected: &Injected) -> bool {
    let Injected {
        owner,
        amount,
        currency,
        ..
    } = injected;
    let (told, is) = (world.balance_json(owner), world.balance(owner));
    let of = |list: &str| {
        let list = told[list].as_array().unwrap().iter();
        let list = list.filter(|funds| funds.text("currency") == currency);
        list.map(|funds| funds.int("amount")).sum::<i64>()
    };
    match injected.flaw {
        Flaw::Reserve => of("connect_reserved") == is[currency].connect_reserved + amount,
        _ => of("available") == is[currency].available + amount,
    }
}

/// Whether the world shows what the label says.
fn shows(world: &World, injected: &Injected) -> bool {
    let Injected {
        owner,
        amount,
        currency,
        subjects,
        ..
    } = injected;
    let object = |id: &str| world.object(owner, id).expect("the subject exists");
    let subject = subjects[0].as_str();
    let sum = |transactions: &[&Value]| transactions.iter().map(|it| it.int("net")).sum::<i64>();
    match injected.flaw {
        Flaw::EventNotGenerated => {
            let mut told = world.events().iter();
            !told.any(|it| it.object.id == subject && it.kind == subjects[1])
                && world
                    .events()
                    .iter()
                    .filter_map(|it| world.thin_data(&it.id))
                    .any(|data| data["impact"].text("related_object_id") == subject)
        }
        Flaw::PlatformBalance | Flaw::Reserve => misstates(world, injected),
        Flaw::ModeMix => world.is_mixed_up(subject),
        Flaw::DeliveryLost => {
            let listed = world.events().iter().any(|it| it.id == subject);
            let plan = tributary_simulator::delivery::plan(world, &Default::default());
            let sent = plan
                .iter()
                .any(|it| it.event_id.as_deref() == Some(subject));
            listed && !sent
        }
        Flaw::UnknownType => object(subject).int("net") == -amount,
        Flaw::FeeDetails => {
            let details = object(subject)["fee_details"].as_array().unwrap();
            let told: i64 = details.iter().map(|it| it.int("amount")).sum();
            told - object(subject).int("fee") == *amount
        }
        Flaw::ExchangeRate => {
            let rate = object(subject)["exchange_rate"].as_f64().unwrap();
            let from = object(&subjects[1]).int("amount");
            let expected = rate * f64::from(i32::try_from(from).unwrap());
            let got = f64::from(i32::try_from(object(subject).int("amount")).unwrap());
            (got - expected).abs() > 4.0
        }
        Flaw::TransferAmount | Flaw::OrphanTransfer | Flaw::ApplicationFee => {
            between_books(world, injected)
        }
        Flaw::PayoutStuck => {
            let payout = object(subject);
            payout.text("status") == "in_transit"
                && world.now() - payout.int("arrival_date") > 7 * 86_400
        }
        Flaw::PayoutUnexplained => {
            let listed = world.payout_transactions(owner, subject).unwrap();
            sum(&listed).abs() == *amount
        }
        Flaw::Balance => {
            let told = world.balance_json(owner);
            let told = told["available"].as_array().unwrap().iter();
            let told: i64 = told
                .filter(|it| it.text("currency") == currency)
                .map(|it| it.int("amount"))
                .sum();
            told - world.balance(owner)[currency].available == *amount
        }
        Flaw::ReportLine => object(subject).int("net").abs() == *amount,
    }
}

/// The same for flaws between the platform's book and an account's.
fn between_books(world: &World, injected: &Injected) -> bool {
    let Injected {
        amount, subjects, ..
    } = injected;
    let object = |id: &str| world.object(&Owner::Platform, id).unwrap();
    let subject = subjects[0].as_str();
    match injected.flaw {
        Flaw::TransferAmount => {
            let transfer = object(subject);
            let account = Owner::account(transfer.text("destination"));
            let arrived = world.object(&account, &subjects[2]).unwrap();
            transfer.int("amount") - arrived.int("amount") == *amount
        }
        Flaw::OrphanTransfer => {
            let transfer = object(subject);
            let account = Owner::account(transfer.text("destination"));
            let payment = transfer.text("destination_payment");
            world.object(&account, payment).is_none()
        }
        Flaw::ApplicationFee => {
            let fee = object(subject);
            let account = Owner::account(fee.text("account"));
            let charge = world.object(&account, fee.text("charge")).unwrap();
            let paid = world.object(&account, charge.text("balance_transaction"));
            let paid = paid.unwrap()["fee_details"].as_array().unwrap().clone();
            let mut lines = paid.iter();
            let line = lines.find(|it| it.text("type") == "application_fee");
            fee.int("amount") - line.unwrap().int("amount") == *amount
        }
        _ => false,
    }
}

#[test]
fn a_flawed_world_is_else_the_same() {
    let (plain, flawed) = (played(0), played(1));
    let plain: BTreeSet<&str> = plain.events().iter().map(|it| it.kind.as_str()).collect();
    let flawed: BTreeSet<&str> = flawed.events().iter().map(|it| it.kind.as_str()).collect();
    let health = "v2.core.health.event_generation_failure.firing";
    assert_eq!(
        flawed.difference(&plain).collect::<Vec<_>>(),
        [&health],
        "only what tells of a flaw"
    );
}

#[test]
fn the_platforms_book_adds_up_to_what_happened() {
    let world = played(0);
    let book = OwnBook::of(
        &world,
        &OwnBookConfig {
            mistakes: 3,
            ..OwnBookConfig::new(1)
        },
    );
    assert_eq!(book.mistakes.len(), 3 * Mistake::ALL.len());
    let entries: BTreeMap<&str, i64> = book
        .entries
        .iter()
        .map(|it| (it.id.as_str(), it.amount))
        .collect();
    assert_eq!(entries.len(), book.entries.len(), "ids are unique");
    let mut used = BTreeSet::new();
    for matched in &book.matches {
        let own: i64 = matched.entries.iter().map(|id| entries[id.as_str()]).sum();
        let booked: i64 = matched
            .transactions
            .iter()
            .map(|id| world.object(&matched.account, id).unwrap().int("amount"))
            .sum();
        assert_eq!(own, booked, "{matched:?}");
        used.extend(matched.entries.iter().map(String::as_str));
    }
    let wrong: BTreeSet<&str> = book.mistakes.iter().map(|it| it.entry.as_str()).collect();
    let rest: BTreeSet<&str> = entries.keys().copied().collect();
    assert_eq!(
        rest.difference(&used).copied().collect::<BTreeSet<_>>(),
        wrong
    );
    assert!(book.matches.iter().any(|it| it.entries.len() == 2));
    assert!(book.matches.iter().any(|it| it.transactions.len() == 2));
    assert!(book.entries.iter().any(|it| it.references.is_empty()));
    let csv = book.to_csv();
    assert_eq!(csv.lines().count(), book.entries.len() + 1);
    let columns = csv.lines().next().unwrap().split(',').count();
    assert!(csv.lines().all(|line| line.split(',').count() == columns));
    assert_eq!(OwnBook::of(&world, &OwnBookConfig::new(2)).mistakes, []);
}
