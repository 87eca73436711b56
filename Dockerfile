# One image for every part: the command names it (admin, api, worker, scheduler, relay).

FROM python:3.12-slim-bookworm AS packages

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --only-binary :all: -r /tmp/requirements.txt

# Admin's CSS, scripts and icons. The settings want a secret and a host; neither stays in the image.
FROM packages AS static
WORKDIR /srv/galley
COPY . .
RUN SECRET_KEY=build-only ALLOWED_HOSTS=localhost DATABASE_URL=sqlite:////tmp/none.sqlite3 \
    GALLEY_VAR=/srv/galley/var DJANGO_SETTINGS_MODULE=site_config.settings.production \
    /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.12-slim-bookworm AS product

LABEL org.opencontainers.image.title="Galley" \
      org.opencontainers.image.description="A headless CMS and content platform on Wagtail"

RUN groupadd --system --gid 10001 galley \
    && useradd --system --uid 10001 --gid galley --home-dir /srv/galley --shell /usr/sbin/nologin galley

COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/galley
COPY . .
COPY --from=static /srv/galley/var/static var/static
# Uploads on local storage land here; everything else is read-only for the user that runs.
RUN install -d -o galley -g galley var/media

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=site_config.settings.production \
    PORT=8000

USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["bin/healthcheck"]
ENTRYPOINT ["bin/entrypoint"]
CMD ["api"]
