//! Pages, cursors and filters.

use tributary_simulator::{Event, Owner};

use crate::{Stage, client::Client, ids_of};

/// Every id of a list, read page by page from the newest on.
fn drain(client: &Client, path: &str, limit: usize) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    loop {
        let joint = if path.contains('?') { '&' } else { '?' };
        let cursor = ids
            .last()
            .map(|id| format!("&starting_after={id}"))
            .unwrap_or_default();
        let page = client.get(&format!("{path}{joint}limit={limit}{cursor}"));
        assert_eq!(page.status, 200, "{:?}", page.body);
        ids.extend(page.ids().into_iter().map(str::to_owned));
        if page.body["has_more"] == false {
            return ids;
        }
        assert_eq!(page.ids().len(), limit);
    }
}

fn newest_first(events: &[Event], wanted: impl Fn(&Event) -> bool) -> Vec<String> {
    let listed = events
        .iter()
        .rev()
        .filter(|event| !event.is_thin() && event.livemode);
    listed
        .filter(|event| wanted(event))
        .map(|event| event.id.clone())
        .collect()
}

#[test]
fn events_are_paged_in_the_reverse_of_their_true_order() {
    let stage = Stage::lively();
    let account = stage.first_account();
    for (client, owner) in [
        (stage.client.clone(), Owner::Platform),
        (stage.client.on(&account), Owner::account(&account)),
    ] {
        let expected = newest_first(stage.world().events(), |event| event.owner == owner);
        assert!(expected.len() > 10);
        assert_eq!(drain(&client, "/v1/events", 7), expected);
        assert_eq!(client.get("/v1/events").ids(), expected[..10]);

        let before = &expected[9];
        let page = client.get(&format!("/v1/events?limit=4&ending_before={before}"));
        assert_eq!(page.ids(), expected[5..9]);
        assert_eq!(page.body["has_more"], true);
    }
}

#[test]
fn events_are_filtered_by_type_and_time() {
    let stage = Stage::lively();
    let client = &stage.client;
    let listed = |path: &str, wanted: &dyn Fn(&Event) -> bool| {
        let own = |event: &Event| event.owner == Owner::Platform && wanted(event);
        let expected = newest_first(stage.world().events(), own);
        assert_eq!(drain(client, path, 100), expected, "{path}");
        expected.len()
    };
    assert!(
        listed("/v1/events?type=transfer.created", &|e| e.kind
            == "transfer.created")
            > 0
    );
    assert!(
        listed("/v1/events?type=charge.*", &|e| e
            .kind
            .starts_with("charge."))
            > 0
    );
    let both = |e: &Event| e.kind == "transfer.created" || e.kind == "charge.succeeded";
    listed(
        "/v1/events?types[]=transfer.created&types[]=charge.succeeded",
        &both,
    );

    let middle = crate::START + 86_400;
    listed(&format!("/v1/events?created[gte]={middle}"), &|e| {
        e.created >= middle
    });
    listed(&format!("/v1/events?created[lt]={middle}"), &|e| {
        e.created < middle
    });
    assert_eq!(client.get("/v1/events?type=a&types[]=b").status, 400);
}

#[test]
fn undelivered_events_can_be_listed() {
    let stage = Stage::lively();
    let all = newest_first(stage.world().events(), |event| {
        event.owner == Owner::Platform
    });
    assert!(drain(&stage.client, "/v1/events?delivery_success=false", 10).is_empty());
    stage
        .server
        .set_undelivered([all[3].clone(), all[1].clone()]);
    let undelivered = drain(&stage.client, "/v1/events?delivery_success=false", 10);
    assert_eq!(undelivered, [all[1].clone(), all[3].clone()]);
    assert_eq!(
        drain(&stage.client, "/v1/events?delivery_success=true", 100).len(),
        all.len() - 2
    );
}

#[test]
fn events_are_listed_for_thirty_days() {
    let stage = Stage::lively();
    let newest = stage.client.get("/v1/events?limit=1").ids()[0].to_owned();
    let then = stage.world().now();
    stage.world().advance_to(then + 40 * 86_400);
    let oldest_listed = stage.world().now() - 30 * 86_400;
    let after: Vec<String> = drain(&stage.client, "/v1/events", 100);
    let world = stage.world();
    let created = |id: &String| {
        world
            .events()
            .iter()
            .find(|e| e.id == *id)
            .map(|e| e.created)
    };
    assert!(after.iter().all(|id| created(id) >= Some(oldest_listed)));
    drop(world);
    assert_eq!(
        stage.client.get(&format!("/v1/events/{newest}")).status,
        404
    );
}

#[test]
fn every_collection_lists_what_the_world_holds() {
    let stage = Stage::lively();
    let mut accounts = stage.world().accounts().to_vec();
    accounts.retain(|id| !stage.world().is_deauthorized(id));
    let mut owners = vec![Owner::Platform];
    owners.extend(accounts.iter().map(|id| Owner::account(id)));
    for (name, kind) in [
        ("application_fees", "application_fee"),
        ("charges", "charge"),
        ("customers", "customer"),
        ("disputes", "dispute"),
        ("payouts", "payout"),
        ("refunds", "refund"),
        ("topups", "topup"),
        ("transfers", "transfer"),
    ] {
        let mut seen = 0;
        for owner in &owners {
            let client = owner
                .account_id()
                .map_or(stage.client.clone(), |id| stage.client.on(id));
            let mut listed = drain(&client, &format!("/v1/{name}"), 9);
            listed.sort();
            assert_eq!(
                listed,
                ids_of(&stage.world(), owner, kind),
                "{name} of {owner:?}"
            );
            seen += listed.len();
        }
        assert!(
            seen > 0 || name == "topups" || name == "disputes",
            "no {name}"
        );
    }
    let mut listed = drain(&stage.client, "/v1/accounts", 3);
    listed.reverse();
    assert_eq!(listed, accounts);
}

#[test]
fn lists_can_be_filtered_by_members() {
    let stage = Stage::lively();
    let transfer = stage.client.get("/v1/transfers?limit=1").body["data"][0].clone();
    let destination = transfer["destination"].as_str().expect("a destination");
    let page = stage.client.get(&format!(
        "/v1/transfers?limit=100&destination={destination}"
    ));
    let data = page.body["data"].as_array().expect("a list");
    assert!(!data.is_empty());
    assert!(
        data.iter()
            .all(|transfer| transfer["destination"] == destination)
    );

    let created = transfer["created"].as_i64().expect("a time");
    let page = stage
        .client
        .get(&format!("/v1/transfers?created[gt]={created}"));
    assert!(page.ids().is_empty());
}

#[test]
fn balance_transactions_are_found_by_source_and_payout() {
    let stage = Stage::lively();
    let account = stage.first_account();
    let client = stage.client.on(&account);
    let owner = Owner::account(&account);

    let all = drain(&client, "/v1/balance_transactions", 8);
    let mut expected: Vec<String> = {
        let world = stage.world();
        let ids = world
            .balance_transactions(&owner)
            .iter()
            .map(|bt| bt["id"].as_str());
        ids.map(|id| id.expect("an id").to_owned()).collect()
    };
    expected.reverse();
    assert_eq!(all, expected);

    let page = client.get("/v1/balance_transactions?limit=100&expand[]=data.source");
    for transaction in page.body["data"].as_array().expect("a list") {
        let source = &transaction["source"];
        assert!(source.is_null() || source["id"].is_string(), "{source}");
    }

    let payouts = ids_of(&stage.world(), &owner, "payout");
    for payout in payouts {
        let page = client.get(&format!(
            "/v1/balance_transactions?limit=100&payout={payout}"
        ));
        let settled = stage
            .world()
            .payout_transactions(&owner, &payout)
            .map(|all| all.len());
        match settled {
            Some(0) => assert_eq!(page.status, 400),
            Some(count) => assert_eq!(page.ids().len(), count.min(100)),
            None => panic!("{payout} is gone"),
        }
    }
}

#[test]
fn bad_list_requests_are_refused() {
    let stage = Stage::quiet();
    for (path, code) in [
        ("/v1/charges?limit=0", ""),
        ("/v1/charges?limit=101", ""),
        ("/v1/charges?colour=red", "parameter_unknown"),
        ("/v1/charges?starting_after=ch_nobody", "resource_missing"),
        ("/v1/charges?created[gte]=yesterday", ""),
    ] {
        let answer = stage.client.get(path);
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.error("type"), "invalid_request_error");
        assert_eq!(answer.error("code"), code, "{path}");
    }
}
