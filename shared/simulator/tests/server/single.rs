//! Single objects, the headers of every answer, and who may ask.

use serde_json::json;
use tributary_simulator::{ChargeParams, Owner};

use crate::{Stage, client::Client};

#[test]
fn answers_carry_simulated_time_and_a_request_id() {
    let stage = Stage::quiet();
    let client = stage.client.with("Stripe-Version", "2026-10-28.endive");
    let first = client.get("/v1/balance");
    assert_eq!(first.header("date"), Some("Tue, 01 Sep 2026 00:00:00 GMT"));
    assert_eq!(first.header("stripe-version"), Some("2026-10-28.endive"));
    assert!(
        first
            .header("request-id")
            .is_some_and(|id| id.starts_with("req_"))
    );

    stage.world().advance_to(crate::START + 3_661);
    let second = client.get("/v1/charges/ch_nobody");
    assert_eq!(second.header("date"), Some("Tue, 01 Sep 2026 01:01:01 GMT"));
    assert_ne!(second.header("request-id"), first.header("request-id"));
}

#[test]
fn only_keys_and_accounts_of_the_platform_get_in() {
    let stage = Stage::quiet();
    let anonymous = Client::anonymous(&stage.server.url());
    assert_eq!(anonymous.get("/v1/balance").status, 401);
    assert_eq!(
        anonymous
            .with("Authorization", "Bearer pk_live_1")
            .get("/v1/balance")
            .status,
        401
    );
    let stranger = stage.client.on("acct_stranger").get("/v1/balance");
    assert_eq!(
        (stranger.status, stranger.error("code")),
        (403, "account_invalid")
    );

    let account = stage.first_account();
    assert_eq!(stage.client.on(&account).get("/v1/balance").status, 200);
    stage
        .world()
        .deauthorize_account(&account)
        .expect("the account is connected");
    assert_eq!(stage.client.on(&account).get("/v1/balance").status, 403);
    assert_eq!(
        stage.client.get(&format!("/v1/accounts/{account}")).status,
        403
    );
    assert!(
        !stage
            .client
            .get("/v1/accounts")
            .ids()
            .contains(&account.as_str())
    );
}

#[test]
fn unknown_things_are_404() {
    let stage = Stage::quiet();
    for path in [
        "/v1/charges/ch_nobody",
        "/v1/events/evt_nobody",
        "/v2/core/events/evt_nobody",
    ] {
        let answer = stage.client.get(path);
        assert_eq!(
            (answer.status, answer.error("code")),
            (404, "resource_missing"),
            "{path}"
        );
    }
    assert_eq!(stage.client.get("/v1/unicorns").status, 404);
    assert_eq!(stage.client.post("/v1/charges", "amount=1").status, 404);
}

#[test]
fn every_object_answers_as_the_world_has_it() {
    let stage = Stage::lively();
    let cases = [
        ("charge", "charges"),
        ("transfer", "transfers"),
        ("payout", "payouts"),
    ];
    for (kind, name) in cases {
        let (owner, id, expected) = {
            let world = stage.world();
            let found = world
                .objects()
                .find(|(object, _)| object.kind == kind && object.livemode);
            let (object, json) = found.expect("one of each kind");
            (object.owner.clone(), object.id.clone(), json.clone())
        };
        let client = owner
            .account_id()
            .map_or(stage.client.clone(), |id| stage.client.on(id));
        assert_eq!(client.get(&format!("/v1/{name}/{id}")).body, expected);
        assert_eq!(
            client.get(&format!("/v1/refunds/{id}")).status,
            404,
            "another kind"
        );
    }
}

#[test]
fn objects_live_on_one_account_only() {
    let stage = Stage::quiet();
    let account = stage.first_account();
    let charge = stage
        .world()
        .create_direct_charge(&account, &ChargeParams::new(5_000, "usd"))
        .expect("a charge");
    let path = format!("/v1/charges/{charge}");
    assert_eq!(stage.client.on(&account).get(&path).status, 200);
    assert_eq!(stage.client.get(&path).status, 404);
}

#[test]
fn deleted_customers_say_so() {
    let stage = Stage::quiet();
    let customer = stage
        .world()
        .create_customer(&Owner::Platform)
        .expect("a customer");
    let path = format!("/v1/customers/{customer}");
    assert_eq!(stage.client.get(&path).body["id"], json!(customer));
    stage
        .world()
        .delete_customer(&Owner::Platform, &customer)
        .expect("it exists");
    let gone = stage.client.get(&path);
    assert_eq!(gone.status, 200);
    assert_eq!(
        gone.body,
        json!({ "id": customer, "object": "customer", "deleted": true })
    );
    assert!(stage.client.get("/v1/customers").ids().is_empty());
}

#[test]
fn ids_expand_to_objects() {
    let stage = Stage::quiet();
    let charge = stage
        .world()
        .create_charge(&ChargeParams::new(5_000, "usd"))
        .expect("a charge");
    let path = format!("/v1/charges/{charge}");
    let plain = stage.client.get(&path);
    let transaction = plain.body["balance_transaction"].as_str().expect("an id");

    let expanded = stage
        .client
        .get(&format!("{path}?expand[]=balance_transaction"));
    assert_eq!(expanded.body["balance_transaction"]["id"], transaction);
    let twice = stage
        .client
        .get(&format!("{path}?expand[]=balance_transaction.source"));
    assert_eq!(
        twice.body["balance_transaction"]["source"]["id"],
        json!(charge)
    );
    assert_eq!(
        stage
            .client
            .get(&format!("{path}?expand[]=currency"))
            .status,
        400
    );
    assert_eq!(
        stage
            .client
            .get(&format!("{path}?expand[]=a.b.c.d.e"))
            .status,
        400
    );
}

#[test]
fn accounts_and_thin_events_have_a_second_api() {
    let stage = Stage::lively();
    let (thin, related) = {
        let world = stage.world();
        let event = world
            .events()
            .iter()
            .find(|event| event.is_thin())
            .expect("a thin event");
        let url = event.json["related_object"]["url"]
            .as_str()
            .expect("a URL")
            .to_owned();
        (event.json.clone(), url)
    };
    let id = thin["id"].as_str().expect("an id");
    let fetched = stage.client.get(&format!("/v2/core/events/{id}"));
    assert_eq!(fetched.body["type"], thin["type"]);
    assert_eq!(stage.client.get(&format!("/v1/events/{id}")).status, 404);
    let account = stage.client.get(&related);
    assert_eq!(account.body["object"], "v2.core.account");
    assert_eq!(account.body["id"], thin["related_object"]["id"]);
}

#[test]
fn a_v2_account_shows_what_is_included() {
    let stage = Stage::quiet();
    let id = stage.first_account();
    let whole = stage.world().account_v2(&id).expect("a connected account");
    let path = format!("/v2/core/accounts/{id}");
    let optional = ["configuration", "defaults", "identity", "requirements"];
    for member in optional {
        assert!(whole[member].is_object(), "{member}");
    }

    let plain = stage.client.get(&path).body;
    assert!(optional.iter().all(|member| plain[*member].is_null()));
    assert_eq!(plain["display_name"], whole["display_name"]);

    let merchant = stage
        .client
        .get(&format!(
            "{path}?include[0]=configuration.merchant&include[1]=identity"
        ))
        .body;
    assert_eq!(merchant["configuration"], whole["configuration"]);
    assert_eq!(merchant["identity"], whole["identity"]);
    assert!(merchant["requirements"].is_null());

    let parts: Vec<String> = optional.map(|part| format!("include[]={part}")).to_vec();
    let all = stage.client.get(&format!("{path}?{}", parts.join("&")));
    assert_eq!(all.body, whole);
    let unknown = stage.client.get(&format!("{path}?include=secrets"));
    assert_eq!(unknown.status, 400);
}

#[test]
fn an_account_shows_its_balance_and_its_bank() {
    let stage = Stage::quiet();
    let account = stage.first_account();
    let client = stage.client.on(&account);
    stage
        .world()
        .create_direct_charge(&account, &ChargeParams::new(5_000, "usd"))
        .expect("a charge");
    let expected = stage.world().balance_json(&Owner::account(&account));
    assert_eq!(client.get("/v1/balance").body, expected);
    assert_eq!(client.get("/v1/account").body["id"], json!(account));

    let banks = stage
        .client
        .get(&format!("/v1/accounts/{account}/external_accounts"));
    let bank = banks.ids()[0].to_owned();
    let one = stage
        .client
        .get(&format!("/v1/accounts/{account}/external_accounts/{bank}"));
    assert_eq!(one.body["object"], "bank_account");
}
