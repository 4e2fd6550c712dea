use super::*;

fn account(n: usize) -> Owner {
    Owner::Account(AccountId::parse(&format!("acct_{n}")).unwrap())
}

fn refused(status: u16) -> FetchError {
    FetchError::Refused {
        status,
        code: "account_invalid".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_refusal_of_the_key_parks_and_only_an_account() {
    for (owner, error, parks) in [
        (account(1), refused(401), true),
        (account(1), refused(403), true),
        (account(1), refused(400), false),
        (account(1), FetchError::Missing, false),
        (Owner::Platform, refused(403), false),
    ] {
        let parking = Parking::default();
        parking.learn(&owner, "charges", &error);
        let expected = parks.then_some(error);
        assert_eq!(parking.refusal(&owner, "charges"), expected);
        assert_eq!(parking.refusal(&owner, "payouts"), None);
        assert_eq!(parking.refusal(&account(2), "charges"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_is_left_alone_for_five_minutes() {
    let parking = Parking::default();
    parking.learn(&account(1), "charges", &refused(403));
    tokio::time::advance(PARKED_FOR - Duration::from_millis(1)).await;
    assert_eq!(parking.refusal(&account(1), "charges"), Some(refused(403)));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(parking.refusal(&account(1), "charges"), None);
}

#[tokio::test(start_paused = true)]
async fn a_full_parking_forgets_what_is_over_and_learns_no_more() {
    let parking = Parking::default();
    let count = |parking: &Parking| parking.0.lock().unwrap().len();
    parking.learn(&account(0), "charges", &refused(403));
    tokio::time::advance(PARKED_FOR / 2).await;
    for n in 1..PARKED_MAX {
        parking.learn(&account(n), "charges", &refused(403));
    }
    assert_eq!(count(&parking), PARKED_MAX);
    parking.learn(&account(PARKED_MAX), "charges", &refused(403));
    assert_eq!(count(&parking), PARKED_MAX);
    assert_eq!(
        parking.refusal(&account(PARKED_MAX), "charges"),
        None,
        "it is asked"
    );
    tokio::time::advance(PARKED_FOR / 2).await;
    parking.learn(&account(PARKED_MAX), "charges", &refused(403));
    assert_eq!(
        count(&parking),
        PARKED_MAX,
        "the first was over, all others are not"
    );
    assert!(parking.refusal(&account(PARKED_MAX), "charges").is_some());
    assert!(parking.refusal(&account(1), "charges").is_some());
}
