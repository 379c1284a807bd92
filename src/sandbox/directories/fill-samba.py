"""Fills a stopped Samba domain with what standard input says (JSON). Run by samba.ts with the system's Python."""

import json
import sys

import ldb
from samba import sd_utils
from samba.auth import system_session
from samba.dcerpc import misc, security
from samba.ndr import ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

wish = json.load(sys.stdin)
lp = LoadParm()
lp.load(wish["configFile"])
db = SamDB(url=wish["database"], session_info=system_session(), lp=lp)
domain = str(db.domain_dn())
descriptors = sd_utils.SDUtils(db)


def set_values(dn, values, flag=ldb.FLAG_MOD_REPLACE):
    message = ldb.Message(ldb.Dn(db, dn))
    for name, value in values.items():
        message[name] = ldb.MessageElement(value, flag, name)
    db.modify(message)


def password_value(text):
    return ('"%s"' % text).encode("utf-16-le")


def add_account(account, folder, object_class):
    dn = ldb.Dn(db, folder)
    dn.add_child(ldb.Dn(db, "CN=x"))
    dn.set_component(0, "CN", account["commonName"])
    entry = {"dn": dn, "objectClass": object_class, "sAMAccountName": account["login"]}
    entry.update({name: value for name, value in account["attributes"].items()})
    if "password" in account:
        entry["unicodePwd"] = password_value(account["password"])
    db.add(entry)
    return str(dn)


def schema_guid(name):
    found = db.search(str(db.get_schema_basedn()), ldb.SCOPE_ONELEVEL, "(lDAPDisplayName=%s)" % name, ["schemaIDGUID"])
    return str(ndr_unpack(misc.GUID, found[0]["schemaIDGUID"][0]))


def delegate(folder, trustee_dn, names):
    """Write access to the named attributes of user objects below the folder: what `dsacls /I:S /G` would set."""
    sid = ndr_unpack(security.dom_sid, db.search(trustee_dn, ldb.SCOPE_BASE, attrs=["objectSid"])[0]["objectSid"][0])
    user = schema_guid("user")
    for name in names:
        descriptors.dacl_add_ace(folder, "(OA;CIIO;WP;%s;%s;%s)" % (schema_guid(name), user, sid))


def protect(dn):
    """What SDProp does on Windows to members of protected groups; Samba has none."""
    holder = descriptors.read_sd_on_dn("CN=AdminSDHolder,CN=System,%s" % domain)
    holder.type |= security.SEC_DESC_DACL_PROTECTED
    descriptors.modify_sd_on_dn(dn, holder)
    set_values(dn, {"adminCount": "1"})


set_values(domain, {"minPwdAge": "0", "lockoutThreshold": "5", "lockoutDuration": "-18000000000",
                    "lockOutObservationWindow": "-18000000000"})
for folder in wish["folders"]:
    db.add({"dn": folder, "objectClass": "organizationalUnit"})

service = add_account(wish["service"], wish["serviceFolder"], "user")
set_values(service, {"userAccountControl": "66048"})
delegate(wish["delegation"]["folder"], service, wish["delegation"]["attributes"])

for person in wish["people"]:
    dn = add_account(person, person["folder"], "user")
    for name, value in person["after"].items():
        set_values(dn, {name: bytes.fromhex(value["hex"]) if isinstance(value, dict) else value})
    if person["protected"]:
        protect(dn)

for computer in wish["computers"]:
    add_account({"commonName": computer, "login": computer + "$", "attributes": {"userAccountControl": "4096"}},
                "CN=Computers,%s" % domain, "computer")

for group in wish["groups"]:
    if group["folder"]:
        add_account({"commonName": group["name"], "login": group["name"], "attributes": {"groupType": group["type"]}},
                    group["folder"], "group")
for group in wish["groups"]:
    dn = "CN=%s,%s" % (group["name"], group["folder"] or "CN=Users,%s" % domain)
    if group["members"]:
        set_values(dn, {"member": group["members"]}, ldb.FLAG_MOD_ADD)

for person in wish["people"]:
    if person["primaryGroupId"]:
        set_values("CN=%s,%s" % (person["commonName"], person["folder"]), {"primaryGroupID": person["primaryGroupId"]})
