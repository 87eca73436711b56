"""The sample's pictures and downloads: drawn and written on the first load, then left alone."""

from typing import Any, Final

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from wagtail.models import Collection

from cms.sample.artwork.drawing import draw_picture
from cms.sample.content_files import read_json
from cms.sample.paper_file import make_pdf
from cms.sample.registry import Registry
from media.interface import CustomDocument, CustomImage

COLLECTION: Final = "Marginalia sample"
CREDIT: Final = "Marginalia Studio"


def load_files(registry: Registry) -> None:
    """Make the pictures and downloads that are missing, and register all of them."""
    collection = _collection()
    images = {image.title: image for image in CustomImage.objects.filter(collection=collection)}
    for entry in read_json("images.json"):
        image = images.get(entry["title"])
        if image is None:
            image = _create_image(entry, collection)
            registry.count("images")
        registry.images[entry["key"]] = image
        registry.advance(f"picture: {entry['title']}")
    documents = {file.title: file for file in CustomDocument.objects.filter(collection=collection)}
    for entry in read_json("files.json"):
        document = documents.get(entry["title"])
        if document is None:
            document = _create_document(entry, collection)
            registry.count("documents")
        registry.documents[entry["key"]] = document
        registry.advance(f"file: {entry['name']}")


def _collection() -> Collection:
    root = Collection.get_first_root_node()
    found = root.get_children().filter(name=COLLECTION).first()
    return found or root.add_child(name=COLLECTION)


def _create_image(entry: dict[str, Any], collection: Collection) -> CustomImage:
    data = draw_picture(
        motif=entry["motif"],
        palette=entry["palette"],
        seed=entry["seed"],
        options=entry.get("options"),
    )
    image = CustomImage(
        title=entry["title"],
        description=entry["alt"],
        credit=CREDIT,
        collection=collection,
        file=ImageFile(ContentFile(data), name=f"{entry['key']}.jpg"),
        file_size=len(data),
    )
    if "focal" in entry:
        x, y, width, height = entry["focal"]
        image.focal_point_x, image.focal_point_y = x, y
        image.focal_point_width, image.focal_point_height = width, height
    image.save()
    image.get_file_hash()
    return image


def _create_document(entry: dict[str, Any], collection: Collection) -> CustomDocument:
    if entry["name"].endswith(".pdf"):
        data = make_pdf(heading=entry["heading"], lines=entry["lines"])
    else:
        data = "".join(f"{line}\n" for line in entry["lines"]).encode()
    document = CustomDocument(
        title=entry["title"],
        collection=collection,
        file=ContentFile(data, name=entry["name"]),
        original_filename=entry["name"],
        file_size=len(data),
    )
    document.save()
    document.get_file_hash()
    return document
