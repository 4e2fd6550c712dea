//! The mirror made again from the event log, in tables beside those in use.

use tributary_aws::operate::create_like;
use tributary_aws::store::Tables;
use tributary_aws::{DynamoStore, S3Blobs};
use tributary_cli::replay::{Difference, compare, rebuild, take_over};
use tributary_pipeline::ports::Store;

use crate::road::Road;

/// After everything that the other scenes did, the log gives the mirror in use, byte by
/// byte. A row that was damaged is named, and only then, on demand, put right.
pub(crate) async fn the_log_proves_the_mirror(road: &Road) {
    road.until_quiet().await;
    let bucket = road.stack.output("ArchiveBucketName").unwrap();
    let blobs = S3Blobs::new(&road.aws, bucket.to_owned());
    let tables = Tables {
        mirror: "replayed-mirror".to_owned(),
        events: "replayed-events".to_owned(),
        retention_days: 35,
    };
    for (model, name) in [
        ("MirrorTableName", &tables.mirror),
        ("EventsTableName", &tables.events),
    ] {
        let model = road.stack.output(model).unwrap();
        create_like(&road.aws, model, name).await.unwrap();
    }
    let shadow = DynamoStore::new(&road.aws, tables, blobs.clone());

    let rebuilt = rebuild(&road.store, &shadow, blobs).await.unwrap();
    assert!(rebuilt.applied > 300, "{rebuilt}");
    let same = compare(&road.store, &shadow).await.unwrap();
    assert!(same.rows.is_empty(), "{same}");
    assert!(same.equal > 100, "{same}");

    let rows = road.store.all_rows().await.unwrap();
    let mut rows = rows.iter();
    let ((key, right), (_, wrong)) = (rows.next().unwrap(), rows.next().unwrap());
    let token = right.token();
    let damage = road.store.write_row(key, wrong, Some(&token));
    damage.await.unwrap();
    let found = compare(&road.store, &shadow).await.unwrap();
    assert_eq!(found.faults(), 1, "{found}");
    assert!(
        matches!(&found.rows[key], Difference::Other { rebuilt, .. } if **rebuilt == *right),
        "{found}"
    );
    assert_eq!(take_over(&road.store, &found).await.unwrap(), 1);
    let mended = compare(&road.store, &shadow).await.unwrap();
    assert_eq!(mended.faults(), 0, "{mended}");
}
