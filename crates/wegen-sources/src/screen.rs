//! No data about individuals enters: columns that look personal are found by name and by value.
//!
//! Rule R1 of the do-no-harm rules. Names are looked for in English, Dutch, French, Arabic and Spanish;
//! values by checksum (Dutch citizen service number, 11-test), by pattern (e-mail, telephone, passport) and by
//! uniqueness. A finding names the column and never repeats a value.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A column that must not enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Personal {
    /// Its name.
    pub column: String,
    /// What gives it away.
    pub why: &'static str,
}

/// Names, each folded; matched against whole words of a header.
const NAMES: [(&str, &[&str]); 7] = [
    (
        "is named as the name of a person",
        &[
            "first name",
            "firstname",
            "last name",
            "lastname",
            "surname",
            "family name",
            "given name",
            "given names",
            "full name",
            "fullname",
            "person name",
            "applicant",
            "applicant name",
            "beneficiary name",
            "head of household",
            "respondent name",
            "maiden name",
            "father name",
            "mother name",
            "mothers name",
            "fathers name",
            "voornaam",
            "voornamen",
            "achternaam",
            "familienaam",
            "geslachtsnaam",
            "volledige naam",
            "naam aanvrager",
            "roepnaam",
            "naam vader",
            "naam moeder",
            "handtekening",
            "signature",
            "prenom",
            "nom de famille",
            "nom complet",
            "nom du pere",
            "nom de la mere",
            "nombre completo",
            "nombre del padre",
            "nombre de la madre",
            "apellido",
            "apellidos",
            "primer nombre",
            "nombres",
            "الاسم",
            "الاسم الكامل",
            "اسم العائلة",
            "اللقب",
            "اسم الأب",
            "اسم الأم",
        ],
    ),
    (
        "is named as a date or place of birth",
        &[
            "date of birth",
            "birth date",
            "birthdate",
            "dob",
            "birthday",
            "place of birth",
            "born on",
            "geboortedatum",
            "geboorteplaats",
            "geb datum",
            "date de naissance",
            "lieu de naissance",
            "fecha de nacimiento",
            "lugar de nacimiento",
            "تاريخ الميلاد",
            "مكان الميلاد",
            "تاريخ الولادة",
            "مكان الولادة",
        ],
    ),
    (
        "is named as the number of a document or a case",
        &[
            "passport",
            "passport no",
            "passport number",
            "document number",
            "id number",
            "national id",
            "identity number",
            "id card",
            "ssn",
            "social security number",
            "bsn",
            "v nummer",
            "vnummer",
            "v number",
            "a number",
            "alien number",
            "case id",
            "case number",
            "individual id",
            "unhcr id",
            "progres id",
            "registration number",
            "household id",
            "ration card",
            "paspoort",
            "paspoortnummer",
            "documentnummer",
            "burgerservicenummer",
            "identiteitsnummer",
            "dossiernummer aanvrager",
            "vreemdelingennummer",
            "zaaknummer",
            "rekeningnummer",
            "iban",
            "kenteken",
            "license plate",
            "licence plate",
            "passeport",
            "numero de passeport",
            "carte didentite",
            "numero de dossier",
            "pasaporte",
            "numero de pasaporte",
            "documento de identidad",
            "cedula",
            "dni",
            "رقم الجواز",
            "رقم الهوية",
            "رقم القضية",
            "جواز السفر",
        ],
    ),
    (
        "is named as a telephone number or an address",
        &[
            "phone",
            "phone number",
            "telephone",
            "mobile",
            "mobile number",
            "msisdn",
            "whatsapp",
            "email",
            "e mail",
            "email address",
            "home address",
            "street address",
            "ip address",
            "device id",
            "imei",
            "gps",
            "telefoon",
            "telefoonnummer",
            "mobiel",
            "mobiel nummer",
            "e mailadres",
            "emailadres",
            "woonadres",
            "huisadres",
            "portable",
            "numero de telephone",
            "courriel",
            "adresse domicile",
            "telefono",
            "numero de telefono",
            "correo",
            "correo electronico",
            "domicilio",
            "adresse du domicile",
            "الجوال",
            "رقم الموبايل",
            "رقم الهاتف",
            "الهاتف",
            "البريد الإلكتروني",
            "عنوان السكن",
        ],
    ),
    (
        "is named as a body measure",
        &[
            "fingerprint",
            "iris scan",
            "biometric",
            "biometrics",
            "photo",
            "vingerafdruk",
            "biometrie",
            "empreinte",
            "huella",
            "بصمة",
            "بصمات",
        ],
    ),
    (
        "is named as an account on a network",
        &[
            "facebook",
            "twitter handle",
            "instagram",
            "telegram",
            "telegram username",
            "username",
            "social media handle",
        ],
    ),
    (
        "is named as notes on a case",
        &[
            "case notes",
            "interview notes",
            "testimony",
            "medical notes",
            "diagnosis",
            "dossiernotitie",
            "gespreksverslag",
            "temoignage",
            "testimonio",
            "historia clinica",
        ],
    ),
];

/// Columns of `headers` that must not enter, by name or by the values of `sample` (rows in header order).
///
/// `known` are the columns that the source is known to publish: these are not judged by their values.
pub fn personal_columns(headers: &[String], known: &[&str], sample: &[Vec<&str>]) -> Vec<Personal> {
    let mut screen = Screen::new(known);
    headers.iter().for_each(|header| screen.column(header));
    for row in sample {
        for (column, value) in row.iter().enumerate().take(headers.len()) {
            screen.value(column, value);
        }
        screen.rows += 1;
    }
    screen.all()
}

/// How many rows are looked at together when a column is not known.
const SAMPLE: usize = 400;

/// Looks at the rows of a table as they come, some hundreds together, and keeps of each column only what it needs.
pub(crate) struct Screen<'k> {
    known: &'k [&'k str],
    columns: Vec<Seen>,
    /// How many rows were looked at since the last verdict.
    rows: usize,
    /// The first verdict, with its column.
    found: Option<(usize, &'static str)>,
    /// Whether it was given by values, of the first rows.
    early: bool,
    first: bool,
}

/// What is known of a column.
struct Seen {
    name: String,
    /// Whether its values are looked at.
    open: bool,
    by_name: Option<&'static str>,
    pcode: bool,
    is_age: bool,
    is_trait: bool,
    values: Values,
}

/// What the values of a column are like, those that are not blank.
#[derive(Default)]
struct Values {
    total: usize,
    emails: usize,
    phones: usize,
    service_numbers: usize,
    accounts: usize,
    documents: usize,
    words: usize,
    ages: usize,
    /// Each value by a number of it, to tell how many differ.
    distinct: Vec<u64>,
}

impl Values {
    fn add(&mut self, value: &str) {
        self.total += 1;
        self.emails += usize::from(value.contains('@') && is_email(value));
        self.accounts += usize::from(value.contains(['@', '.', ':']) && is_account(value));
        // Most values are one or the other, and need not be looked at as both.
        if value.bytes().any(|b| b.is_ascii_digit()) {
            self.phones += usize::from(is_phone(value));
            self.service_numbers += usize::from(is_bsn(value));
            self.documents += usize::from(is_document(value));
        } else {
            self.words += usize::from(is_words(value));
        }
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        self.distinct.push(hasher.finish());
    }

    fn verdict(&mut self, pcode: bool) -> Option<&'static str> {
        let total = self.total;
        let most = |count: usize| count * 10 >= total * 8;
        if total == 0 {
            return None;
        }
        if self.emails > 0 {
            return Some("holds e-mail addresses");
        }
        if total >= 3 && most(self.phones) {
            return Some("holds telephone numbers");
        }
        if total >= 5 && most(self.service_numbers) {
            return Some("holds numbers that pass the test of citizen service numbers");
        }
        if total >= 3 && most(self.accounts) {
            return Some("holds addresses or accounts on a network");
        }
        // P-codes of the third level look like numbers of documents.
        if total >= 3 && most(self.documents) && !pcode {
            return Some("holds numbers in the form of travel documents");
        }
        if total < 20 || !most(self.words) {
            return None;
        }
        self.distinct.sort_unstable();
        self.distinct.dedup();
        let differ = self.distinct.len() * 100 > total * 95;
        differ.then_some("holds text that differs in nearly every row, as names of people do")
    }
}

impl<'k> Screen<'k> {
    pub(crate) fn new(known: &'k [&'k str]) -> Screen<'k> {
        Screen { known, columns: Vec::new(), rows: 0, found: None, early: false, first: true }
    }

    /// One more column.
    pub(crate) fn column(&mut self, header: &str) {
        let open = !self.known.iter().any(|k| k.eq_ignore_ascii_case(header.trim()));
        let is =
            |names: &[&str]| !self.known.contains(&header.trim()) && names.contains(&fold(header).as_str());
        self.columns.push(Seen {
            name: header.to_owned(),
            open,
            by_name: if open { by_name(header) } else { None },
            pcode: open && fold(header).replace(' ', "").contains("pcode"),
            is_age: is(&AGE),
            is_trait: is(&TRAITS),
            values: Values::default(),
        });
    }

    /// A value in a column of the row that is being looked at.
    pub(crate) fn value(&mut self, column: usize, value: &str) {
        let Some(seen) = self.columns.get_mut(column) else { return };
        let value = value.trim();
        if seen.is_age && value.parse::<u8>().is_ok_and(|age| age <= 120) {
            seen.values.ages += 1;
        }
        if seen.open && !value.is_empty() {
            seen.values.add(value);
        }
    }

    /// The row ends.
    pub(crate) fn end_row(&mut self) {
        self.rows += 1;
        if self.rows == SAMPLE {
            self.judge();
        }
    }

    /// Whether nothing that follows can change what is found.
    pub(crate) fn is_decided(&self) -> bool {
        self.found.is_some()
    }

    /// The first column that must not enter.
    pub(crate) fn first(mut self) -> Option<Personal> {
        if self.rows > 0 || self.first {
            self.judge();
        }
        // A column whose name came late is named as if it had been there from the beginning.
        let named = self.columns.iter().position(|seen| seen.by_name.is_some());
        let named = named.and_then(|at| Some((at, self.columns[at].by_name?)));
        let (column, why) = match (self.found, named) {
            (Some(found), Some(named)) if !self.early || named.0 < found.0 => named,
            (found, named) => found.or(named)?,
        };
        Some(Personal { column: self.columns[column].name.clone(), why })
    }

    /// Judges the rows since the last verdict, and forgets them.
    fn judge(&mut self) {
        if self.found.is_none() {
            // Names are known from the first row on.
            let named = self.columns.iter().position(|seen| seen.by_name.is_some());
            let valued = self
                .columns
                .iter_mut()
                .take(named.unwrap_or(usize::MAX))
                .enumerate()
                .find_map(|(i, seen)| Some((i, seen.values.verdict(seen.pcode)?)));
            let named = named.and_then(|at| Some((at, self.columns[at].by_name?)));
            self.early = self.first && valued.is_some();
            self.found = valued.or(named).or_else(|| self.one_person_a_row());
        }
        self.first = false;
        self.rows = 0;
        for seen in &mut self.columns {
            seen.values.distinct.clear();
            seen.values = Values { distinct: std::mem::take(&mut seen.values.distinct), ..Values::default() };
        }
    }

    /// All columns that must not enter.
    fn all(mut self) -> Vec<Personal> {
        let person = self.one_person_a_row();
        let mut found = Vec::new();
        for seen in &mut self.columns {
            let why = seen.by_name.or_else(|| seen.values.verdict(seen.pcode));
            found.extend(why.map(|why| Personal { column: seen.name.clone(), why }));
        }
        found.extend(person.map(|(at, why)| Personal { column: self.columns[at].name.clone(), why }));
        found
    }

    /// An age in years beside another trait that a source does not publish: a row is a person, not a count (rule R2).
    fn one_person_a_row(&self) -> Option<(usize, &'static str)> {
        let at = self.columns.iter().position(|seen| seen.is_age)?;
        let persons = self.rows > 0 && self.columns[at].values.ages * 10 >= self.rows * 8;
        let traits = self.columns.iter().any(|seen| seen.is_trait);
        (persons && traits).then_some((at, "holds ages beside other traits, one person a row"))
    }
}

const AGE: [&str; 8] = ["age", "age years", "age in years", "leeftijd", "edad", "العمر", "السن", "years old"];

const TRAITS: [&str; 22] = [
    "sex",
    "gender",
    "nationality",
    "citizenship",
    "religion",
    "ethnicity",
    "marital status",
    "occupation",
    "geslacht",
    "nationaliteit",
    "burgerlijke staat",
    "religie",
    "beroep",
    "sexe",
    "nationalite",
    "etat civil",
    "sexo",
    "nacionalidad",
    "estado civil",
    "الجنس",
    "الجنسية",
    "الديانة",
];

/// Whether a value, alone, is of a person; a table without a header shows such values as its columns.
pub(crate) fn is_personal_value(value: &str) -> bool {
    [is_email, is_phone, is_bsn, is_document, is_account].iter().any(|test| test(value))
}

fn by_name(header: &str) -> Option<&'static str> {
    let folded = format!(" {} ", fold(header));
    // How many telephones a country has is no telephone number, and a kind of applicant no applicant.
    if [" subscriptions ", " subscribers ", " coverage ", " type "].iter().any(|w| folded.contains(w)) {
        return None;
    }
    // `WhatsApp` is one word.
    let whole = format!(" {} ", fold(&header.to_lowercase()));
    // `ProGresID` and `ip_address` alike.
    let squeezed = folded.replace(' ', "");
    let within = |text: &str, word: &str| {
        let blank = |at: usize| text.as_bytes().get(at) == Some(&b' ');
        text.match_indices(word).any(|(at, _)| at > 0 && blank(at - 1) && blank(at + word.len()))
    };
    let is = |word: &&str| {
        let same = squeezed.chars().eq(word.chars().filter(|c| *c != ' '));
        same || within(&folded, word) || within(&whole, word)
    };
    NAMES.iter().find(|(_, words)| words.iter().any(is)).map(|(why, _)| *why)
}

/// Lower case, accents dropped, everything but letters and digits to single blanks, `camelCase` split.
fn fold(header: &str) -> String {
    let mut out = String::new();
    let mut lower_before = false;
    for c in header.chars() {
        if c.is_uppercase() && lower_before {
            out.push(' ');
        }
        lower_before = c.is_lowercase();
        match c.to_lowercase().next().unwrap_or(c) {
            'à' | 'á' | 'â' | 'ä' => out.push('a'),
            'è' | 'é' | 'ê' | 'ë' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' => out.push('i'),
            'ò' | 'ó' | 'ô' | 'ö' => out.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => out.push('u'),
            'ç' => out.push('c'),
            'ñ' => out.push('n'),
            '\'' | '’' => {}
            c if c.is_alphanumeric() => out.push(c),
            _ => out.push(' '),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_email(value: &str) -> bool {
    let Some((user, host)) = value.split_once('@') else { return false };
    !user.is_empty()
        && !user.contains(char::is_whitespace)
        && host.split_once('.').is_some_and(|(name, top)| !name.is_empty() && top.len() >= 2)
        && !host.contains(char::is_whitespace)
}

fn is_phone(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let rest = value.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c));
    let start = value.trim_start_matches('(');
    let national = start.starts_with('0') && (10..=11).contains(&digits);
    rest && (9..=15).contains(&digits) && (start.starts_with('+') || start.starts_with("00") || national)
}

/// An address of the Internet protocol, or a name after `@`.
fn is_account(value: &str) -> bool {
    let handle =
        value.strip_prefix('@').is_some_and(|name| name.len() >= 2 && !name.contains(char::is_whitespace));
    handle || value.parse::<std::net::IpAddr>().is_ok()
}

/// The 11-test: nine digits, weights 9 to 2 and −1, sum divisible by eleven.
fn is_bsn(value: &str) -> bool {
    let digits: Vec<i32> = value
        .chars()
        .filter(|c| *c != '.' && *c != ' ')
        .filter_map(|c| c.to_digit(10))
        .map(|d| d as i32)
        .collect();
    let only = value.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ' ');
    let sum: i32 = digits.iter().zip([9, 8, 7, 6, 5, 4, 3, 2, -1]).map(|(d, w)| d * w).sum();
    only && digits.len() == 9 && sum != 0 && sum % 11 == 0
}

/// One or two letters and six to eight digits, or the like: passports, identity cards, `V` and `A` numbers.
fn is_document(value: &str) -> bool {
    let compact: String = value.chars().filter(|c| !" -.".contains(*c)).collect();
    let letters = compact.chars().take_while(char::is_ascii_uppercase).count();
    let digits = compact.chars().filter(char::is_ascii_digit).count();
    (1..=3).contains(&letters)
        && (6..=9).contains(&digits)
        && compact.chars().skip(letters).all(|c| c.is_ascii_digit())
}

/// Two to five words of letters, the last name first or last.
fn is_words(value: &str) -> bool {
    let words: Vec<&str> = value.split_whitespace().collect();
    (2..=5).contains(&words.len())
        && words.iter().all(|w| w.chars().all(|c| c.is_alphabetic() || "-'.’,".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleven_test() {
        assert!(is_bsn("111222333") && is_bsn("123456782"));
        assert!(!is_bsn("123456789") && !is_bsn("000000000") && !is_bsn("12345678"));
    }

    #[test]
    fn headers_are_folded() {
        assert_eq!(fold("Date_of-Birth"), "date of birth");
        assert_eq!(fold("passportNumber"), "passport number");
        assert_eq!(fold("Prénom"), "prenom");
        assert_eq!(by_name("countryName"), None);
        assert_eq!(by_name("Number of Females"), None);
    }
}
