// Stands for your Celery worker until worlds/my-app.yaml starts that one: it waits for work that never comes.
setInterval(() => undefined, 60_000);
