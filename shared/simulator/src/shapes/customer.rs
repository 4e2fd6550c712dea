//! Customers and the personal data of made-up people.

use serde_json::{Value, json};

/// How many made-up people there are.
pub(crate) const PEOPLE: usize = 12;

/// A made-up person: name, e-mail, phone, city, last four card digits.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) city: &'static str,
    pub(crate) last4: &'static str,
}

const fn make(
    name: &'static str,
    email: &'static str,
    phone: &'static str,
    city: &'static str,
    last4: &'static str,
) -> Person {
    Person {
        name,
        email,
        phone,
        city,
        last4,
    }
}

static CAST: [Person; PEOPLE] = [
    make(
        "Ottilie Krähenbühl",
        "ottilie.kraehenbuehl@example.com",
        "+15555550101",
        "Bern",
        "4242",
    ),
    make(
        "Marguerite Okonkwo",
        "m.okonkwo@example.org",
        "+15555550102",
        "Lagos",
        "1881",
    ),
    make(
        "Tobiah Featherstone",
        "tobiah@featherstone.example",
        "+15555550103",
        "Leeds",
        "0341",
    ),
    make(
        "Ingrid Þórsdóttir",
        "ingrid.thors@example.net",
        "+15555550104",
        "Akureyri",
        "9995",
    ),
    make(
        "Casimir Wojciechowski",
        "casimir.w@example.com",
        "+15555550105",
        "Gdynia",
        "5556",
    ),
    make(
        "Philippa Abernathy-Cole",
        "pabernathy@example.org",
        "+15555550106",
        "Boston",
        "3222",
    ),
    make(
        "Zebulon Marchetti",
        "zeb.marchetti@example.net",
        "+15555550107",
        "Trieste",
        "8431",
    ),
    make(
        "Hatsuko Minamoto",
        "hatsuko@minamoto.example",
        "+15555550108",
        "Kyoto",
        "0505",
    ),
    make(
        "Leopoldine Vasseur",
        "leo.vasseur@example.com",
        "+15555550109",
        "Nantes",
        "4444",
    ),
    make(
        "Rufus \"Roo\" Quillfeather",
        "roo.quill@example.org",
        "+15555550110",
        "Austin",
        "1117",
    ),
    make(
        "Saoirse Ní Bhriain",
        "saoirse.nb@example.net",
        "+15555550111",
        "Galway",
        "9424",
    ),
    make(
        "Demetrios Papanikolaou",
        "d.papanikolaou@example.com",
        "+15555550112",
        "Volos",
        "6788",
    ),
];

/// The person at a position.
pub(crate) fn person(position: usize) -> &'static Person {
    let [first, ..] = &CAST;
    CAST.get(position).unwrap_or(first)
}

/// A `customer` object.
pub(crate) fn customer(id: &str, position: usize, created: i64, livemode: bool) -> Value {
    let person = person(position);
    json!({
        "id": id, "object": "customer", "address": {
            "city": person.city, "country": null, "line1": "1 Canary Row", "line2": null,
            "postal_code": "10117", "state": null,
        },
        "balance": 0, "created": created, "currency": null, "default_source": null,
        "delinquent": false, "description": null, "discount": null, "email": person.email,
        "invoice_prefix": "7FE1103", "invoice_settings": {
            "custom_fields": null, "default_payment_method": null, "footer": null,
            "rendering_options": null,
        },
        "livemode": livemode, "metadata": { "tier": "basic" }, "name": person.name,
        "next_invoice_sequence": 1, "phone": person.phone, "preferred_locales": [],
        "shipping": null, "tax_exempt": "none", "test_clock": null,
    })
}
