"""`legacy`: everything that has no place in version 3, once; and what makes a reader stumble."""

from __future__ import annotations

from ams_emulator.state import Resource
from ams_emulator.v2.account import processor_id
from ams_emulator.v2.scenarios import protection
from ams_emulator.v2.scenarios.builder import CANCELED, ERROR, PROTECTION_KEY, QUEUED, Builder
from ams_emulator.v2.scenarios.legacy_presets import GAPS, RETIRED, SOURCES
from ams_emulator.v2.scenarios.live import channel, encoding, only, program
from ams_emulator.v2.shared_endpoints import CLASSIC
from ams_emulator.world import World


def legacy(world: World, account: Resource) -> None:
    """See the module's first line."""
    make = Builder(world, account, "legacy")
    _jobs(make)
    _assets(make)
    _protection(make)
    _live(make)
    _around(make)
    make.units(2, 10)
    make.endpoint(version=CLASSIC)


def _jobs(make: Builder) -> None:
    for number, (name, configuration) in enumerate(RETIRED):
        make.job(f"{name} of old", configuration, 10 + number, MediaProcessorId=processor_id(name))
    for number, (name, configuration) in enumerate(GAPS):
        make.job(f"Gap: {name}", configuration, 40 + number)
    for number, (name, configuration) in enumerate(SOURCES):
        make.job(f"Source: {name}", configuration, 60 + number)
    make.job("Secret preset", "PFByZXNldCAvPg==", 50, Options=1, EncryptionScheme="ConfigurationEncryption")
    make.job("Failed", "Adaptive Streaming", 3, ERROR)
    make.job("Canceled", "Adaptive Streaming", 3, CANCELED)
    make.job("Stuck for days", "Adaptive Streaming", 4, QUEUED)
    make.job("Of a processor that is gone", "x", 60, MediaProcessorId=f"nb:mpid:UUID:{make.guid()}")
    template = make.add(
        "JobTemplates", 700, Name="nightly", JobTemplateBody="<jobTemplate/>", NumberofInputAssets=1, TemplateType=1
    )
    make.add(
        "TaskTemplates",
        700,
        Name="nightly task",
        Configuration="H264 Multiple Bitrate 16x9 SD",
        MediaProcessorId=processor_id("Media Encoder Standard"),
        _JobTemplateId=template,
    )


def _assets(make: Builder) -> None:
    source = make.asset("source", 900, ("source.mxf",))
    child = make.encoded("child", 899)
    make.link("Assets", child, "ParentAssets", source)
    for days in (700, 701):
        make.encoded("the same name", days)
    make.asset("", 600, AlternateId="no name")
    make.asset("no files", 500)
    make.asset("long " * 100, 450, ("ünïcode file name.mp4",))
    deleted = make.asset("marked deleted", 450)
    make.world.store.put(make.asset_resource(deleted).with_body(make.asset_resource(deleted).body, v2={"State": 2}))
    encrypted = make.asset("storage encrypted", 800, ("encrypted.mp4",), Options=1)
    key = make.key("storage key", 1)
    make.link("Assets", encrypted, "ContentKeys", key)
    for row in make.place.rows("Files").where("ParentAssetId", encrypted):
        encryption = {"IsEncrypted": True, "EncryptionScheme": "StorageEncryption", "EncryptionVersion": "1.0"}
        make.change("Files", row["Id"], EncryptionKeyId=key, InitializationVector="9403123456789", **encryption)
    make.asset("common encryption", 800, ("protected.ismv",), Options=2)
    make.asset("envelope encryption", 800, ("envelope.mp4",), Options=4)
    shared = make.asset("shared by SAS", 40, ("download.mp4",))
    make.share(shared, 30)
    make.share(shared, 400, lasts=10)
    expired = make.encoded("expired", 600)
    make.publish(expired, 590, ExpirationDateTime=make.ago(100))
    future = make.encoded("from tomorrow", 5)
    make.publish(future, 1, StartTime=make.ago(-1))
    for _ in range(5):
        make.publish(child, 300)


def _protection(make: Builder) -> None:
    host = f"{make.account.name}.keydelivery.mediaservices.windows.net"
    premium, (cenc,) = protection.drm(make, host)
    apple, skd = protection.fairplay(make, host)
    rsa = protection.token("https://issuer.example.com/", "urn:rsa", key="RsaTokenVerificationKey")
    swt = protection.token("https://issuer.example.com/", "urn:swt", kind="SWT", key="X509CertTokenVerificationKey")
    ranged = {"Name": "office", "KeyRestrictionType": 2, "Requirements": "<ip/>"}
    odd = [make.option(name, 2, "", item) for name, item in (("rsa", rsa), ("swt", swt), ("ip", ranged))]
    both_tokens = make.option("both tokens", 2, "", rsa, swt)
    policies = {
        "blocked": make.delivery("blocked", 1, 7),
        "hds": make.delivery("hds", 2, 8),
        "download": make.delivery("download", 2, 16),
        "foreign": make.delivery("foreign licences", 4, 2, {4: "https://licences.example.org/PlayReady", 5: "custom"}),
        "fourcc": make.delivery("clear audio", 5, 4, {9: f"skd://{host}/", 12: "mp4a", 13: "true"}),
        "own iv": make.delivery("own iv", 3, 7, {2: f"https://{host}/?", 3: "AAAAAAAAAAAAAAAAAAAAAA=="}),
    }
    authorizations = [
        premium,
        apple,
        make.authorization("odd tokens", *odd, both_tokens),
        make.authorization("no options"),
    ]
    for number, (name, policy) in enumerate(policies.items()):
        film = make.encoded(f"protected: {name}", 200 + number)
        kind = {"foreign": 0, "fourcc": 6, "own iv": 4}.get(name)
        if kind is not None:
            make.link("Assets", film, "ContentKeys", make.key(f"key of {name}", kind, authorizations[number % 4]))
        make.link("Assets", film, "DeliveryPolicies", policy)
        make.publish(film, 190 + number)
    both = make.encoded("protected: drm", 180)
    make.link("Assets", both, "ContentKeys", make.key("cenc", 0, premium), make.key("cbcs", 6, apple))
    make.link("Assets", both, "DeliveryPolicies", cenc, skd)
    make.publish(both, 179)
    two = make.encoded("protected: two licence servers", 170)
    servers = [make.delivery(f"server {number}", 4, number, {4: f"https://{number}.example.org/"}) for number in (1, 2)]
    make.link("Assets", two, "ContentKeys", make.key("of two servers", 0, authorizations[2]))
    make.link("Assets", two, "DeliveryPolicies", *servers)
    make.publish(two, 169)
    make.key("configuration", 2)
    make.key("url", 3)
    # Licences for players whose content is elsewhere: no asset has this key.
    make.key("key delivery only", 0, premium)


def _live(make: Builder) -> None:
    slate = make.asset("slate", 600, ("slate.jpg",))
    cues = channel(
        make,
        "cues",
        "RTMP",
        EncodingType="Standard",
        Encoding=encoding(markers="Api", IgnoreCea708ClosedCaptions=True),
        Slate={"InsertSlateOnAdMarker": True, "DefaultSlateAssetId": slate},
    )
    program(make, "season-1", cues, days=300, publish=False)
    streams = [{"Index": 0, "Name": "main", "Language": None}]
    channel(make, "satellite", "RTPMPEG2TS", EncodingType="Standard", Encoding=encoding(AudioStreams=streams))
    channel(make, "premium", "FragmentedMP4", EncodingType="Premium", Encoding=encoding("Default1080p"))
    fenced = {"AccessControl": only("studio", "198.51.100.0", 24), "KeyFrameInterval": "PT4S"}
    policies = {"ClientAccessPolicy": "<access-policy/>", "CrossDomainPolicy": None}
    channel(
        make, "a-channel-with-the-longest-name1", "RTMP", Input=fenced, VanityUrl=True, CrossSiteAccessPolicies=policies
    )


def _around(make: Builder) -> None:
    manifest = make.add(
        "IngestManifests",
        500,
        Name="bulk",
        State=2,
        BlobStorageUriForUpload=f"https://{make.account.name}.blob.core.windows.net/bulk",
        StorageAccountName=make.account.name,
        Statistics={"PendingFilesCount": 1, "FinishedFilesCount": 0, "ErrorFilesCount": 0, "ErrorFilesDetails": ""},
    )
    part = make.add("IngestManifestAssets", 500, ParentIngestManifestId=manifest)
    parents = {"ParentIngestManifestId": manifest, "ParentIngestManifestAssetId": part}
    make.add("IngestManifestFiles", 500, Name="pending.mp4", **parents)
    hook = make.add(
        "NotificationEndPoints",
        500,
        Name="hook",
        EndPointType=3,
        EndPointAddress="https://hooks.example.com/jobs",
        CredentialType=1,
        EncryptedEndPointCredential=protection.secret("hook"),
        ProtectionKeyId=PROTECTION_KEY,
    )
    make.add("NotificationEndPoints", 500, Name="queue", EndPointType=1, EndPointAddress="jobs-queue")
    table = make.add("NotificationEndPoints", 500, Name="telemetry", EndPointType=2, EndPointAddress="telemetry")
    settings = [{"Component": "Channel", "Level": "Verbose"}]
    make.add("MonitoringConfigurations", 500, NotificationEndPointId=table, Settings=settings)
    subscription = [{"NotificationEndPointId": hook, "TargetJobState": 2}]
    job = make.job("Tells somebody", "Adaptive Streaming", 7)
    make.change("Jobs", job, JobNotificationSubscriptions=subscription)
    language = {"Property": "Language", "Value": "en", "Operator": "Equal"}
    tracks = [{"PropertyConditions": [language]}]
    make.add("Filters", Name="english", FirstQuality={"Bitrate": 128000}, Tracks=tracks)
